import { client, type DevicePrompt, deviceCode, dpopKey } from '@latchkey/core'
import { expect, test } from 'vitest'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('the device flow', (at) => {
  const scope = 'openid offline_access'
  const failed = 'The device login failed at KEYCLOAK with'
  const check = 'Check the client id, its secret, the scope and the grants it is registered for.'
  const made = (clientId: string, clientSecret?: string) => client({ issuer: at.issuer, clientId, clientSecret, scope })
  const prompt = ({ verificationUriComplete = '' }: DevicePrompt): Promise<void> => at.approve(verificationUriComplete)

  test('approved at its own pages brings an offline token and the verified identity', async () => {
    const shown: DevicePrompt[] = []
    const set = await deviceCode(made('script'), {
      prompt: (device) => {
        shown.push(device)
        return prompt(device)
      },
    })()
    expect(shown).toEqual([
      {
        userCode: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
        verificationUri: `${at.issuer}/device`,
        verificationUriComplete: `${at.issuer}/device?user_code=${shown[0]?.userCode}`,
        expiresAt: expect.any(Number),
      },
    ])
    expect(set.idTokenClaims).toMatchObject({ iss: at.issuer, aud: 'script', preferred_username: 'marie' })
    expect(set.scope?.split(' ')).toEqual(expect.arrayContaining(['openid', 'offline_access']))
    expect(claimsOf(set.refreshToken)).toMatchObject({ typ: 'Offline', iss: at.issuer })
    expect(claimsOf(set.refreshToken)).not.toHaveProperty('exp')
  })

  test('with a proof key is what a client gets that must have one', async () => {
    const set = await deviceCode(made('script-pkce'), { prompt, pkce: true })()
    expect(set.idTokenClaims).toMatchObject({ aud: 'script-pkce' })
  })

  test('without the proof key that is demanded says what is missing', async () => {
    expect(await told(deviceCode(made('script-pkce'), { prompt })())).toBe(
      `CONFIG_INVALID: ${failed} 400: invalid_request: Missing parameter: code_challenge_method. This client must send a proof key (PKCE).`,
    )
  })

  test('with a DPoP key brings bound tokens', async () => {
    const key = await dpopKey()
    const set = await deviceCode(made('dpop'), { prompt })({ dpopKey: key })
    expect(set.token.tokenType).toBe('DPoP')
    expect(claimsOf(set.token.accessToken)).toMatchObject({ cnf: { jkt: expect.any(String) } })
  })

  test('of a confidential client proves itself at both endpoints', async () => {
    const set = await deviceCode(made('secret', at.clientSecret), { prompt })()
    expect(set.idTokenClaims).toMatchObject({ aud: 'secret' })
    expect(await told(deviceCode(made('secret', 'wrong'), { prompt })())).toBe(
      `CONFIG_INVALID: ${failed} 401: unauthorized_client: Invalid client or Invalid client credentials. ${check}`,
    )
  })

  test('denied at its pages is LOGIN_DENIED', async () => {
    const deny = ({ verificationUriComplete = '' }: DevicePrompt): Promise<void> =>
      at.approve(verificationUriComplete, { deny: true })
    expect(await told(deviceCode(made('script'), { prompt: deny })())).toBe(
      'LOGIN_DENIED: The device code grant failed at KEYCLOAK with 400: access_denied: The end user denied the authorization request. Start the login again if that was not meant.',
    )
  })

  test('of a client that may not use it is CONFIG_INVALID', async () => {
    const clientId = await at.client({ publicClient: true })
    expect(await told(deviceCode(made(clientId), { prompt })())).toBe(
      `CONFIG_INVALID: ${failed} 400: unauthorized_client: Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client. ${check}`,
    )
  })

  test('of an unknown client is CONFIG_INVALID', async () => {
    expect(await told(deviceCode(made('nobody'), { prompt })())).toBe(
      `CONFIG_INVALID: ${failed} 401: invalid_client: Invalid client or Invalid client credentials. ${check}`,
    )
  })

  test('whose code ends unused is LOGIN_EXPIRED', async () => {
    const clientId = await at.client({
      publicClient: true,
      attributes: { 'oauth2.device.authorization.grant.enabled': 'true', 'oauth2.device.code.lifespan': '3' },
    })
    expect(await told(deviceCode(client({ issuer: at.issuer, clientId }), { prompt: () => undefined })())).toMatch(
      /^LOGIN_EXPIRED: /,
    )
  })
})
