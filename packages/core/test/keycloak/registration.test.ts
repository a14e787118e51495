import {
  client,
  deleteRegistration,
  deviceCode,
  type RegistrationRequest,
  readRegistration,
  refreshToken,
  register,
  updateRegistration,
} from '@latchkey/core'
import { expect, test } from 'vitest'
import { onKeycloak, told } from './real-keycloak.ts'

onKeycloak('registration', (at) => {
  const here = () => ({ issuer: at.issuer })
  const request: RegistrationRequest = {
    clientName: 'My script',
    grantTypes: ['refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    scope: 'offline_access email',
    tokenEndpointAuthMethod: 'none',
  }
  const allowed = async (count = 1): Promise<{ readonly initialAccessToken: string }> => {
    const made = (await at.admin('POST', '/clients-initial-access', { expiration: 600, count })) as { token: string }
    return { initialAccessToken: made.token }
  }

  test('makes a client that a person can log in with, until it is deleted', async () => {
    const made = await register(here(), request, await allowed())
    expect(made).toMatchObject({ differences: [], metadata: { client_name: 'My script' } })
    const known = client({ issuer: at.issuer, clientId: made.clientId, scope: 'openid offline_access' })
    const prompt = ({ verificationUriComplete = '' }) => at.approve(verificationUriComplete)
    const set = await deviceCode(known, { prompt })()
    expect(set.idTokenClaims).toMatchObject({ aud: made.clientId })
    await deleteRegistration(here(), made)
    expect(await told(refreshToken(known, set.refreshToken ?? '')())).toMatch(
      /^CONFIG_INVALID: .*401: invalid_client: /,
    )
    expect(await told(readRegistration(here(), made))).toMatch(/^CONFIG_INVALID: .*401: invalid_token: /)
  })

  test('is read and changed; a change brings another registration token', async () => {
    const made = await register(here(), request, await allowed())
    const read = await readRegistration(here(), made)
    expect(read).toMatchObject({ clientId: made.clientId, registrationToken: made.registrationToken })
    const changed = await updateRegistration(here(), read, { ...request, clientName: 'Renamed' })
    expect(changed).toMatchObject({ clientId: made.clientId, metadata: { client_name: 'Renamed' }, differences: [] })
    expect(changed.registrationToken).not.toBe(made.registrationToken)
    expect((await readRegistration(here(), changed)).metadata).toMatchObject({ client_name: 'Renamed' })
  })

  test('of a confidential client brings its secret', async () => {
    const grantTypes = ['client_credentials']
    const service = { ...request, grantTypes, scope: 'email', tokenEndpointAuthMethod: undefined }
    const made = await register(here(), service, await allowed())
    expect(made).toMatchObject({ clientSecret: expect.any(String), differences: [] })
  })

  test('needs a token that still allows it', async () => {
    const failed = 'CONFIG_INVALID: The registration failed at KEYCLOAK with'
    expect(await told(register(here(), request))).toContain(
      `${failed} 403: insufficient_scope: Policy 'Trusted Hosts' rejected request to client-registration service. Details: Host not trusted. `,
    )
    const once = await allowed()
    await register(here(), request, once)
    expect(await told(register(here(), request, once))).toContain(
      `${failed} 401: invalid_token: No remaining count on initial access token. `,
    )
  })

  test('with openid is made without: Keycloak gives it to every client and refuses it by name', async () => {
    const token = await allowed()
    const made = await register(here(), { ...request, scope: 'openid offline_access email' }, token)
    expect(made).toMatchObject({ differences: [], metadata: { scope: 'offline_access email' } })
    const changed = await updateRegistration(here(), made, { ...request, scope: 'openid offline_access' })
    expect(changed).toMatchObject({ differences: [], metadata: { scope: 'offline_access' } })
  })

  test('for a scope that the realm has not is refused, and the token that allows it not used up', async () => {
    const token = await allowed()
    expect(await told(register(here(), { ...request, scope: 'openid nonsense' }, token))).toContain(
      "403: insufficient_scope: Policy 'Allowed Client Scopes' rejected request to client-registration service. Details: Not permitted to use specified clientScope. ",
    )
    await expect(register(here(), request, token)).resolves.toMatchObject({ differences: [] })
  })
})
