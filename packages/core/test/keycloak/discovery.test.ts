import { client } from '@latchkey/core'
import { expect, test } from 'vitest'
import { counting, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('discovery', (at) => {
  test('names everything that the other tests here use', async () => {
    const base = `${at.issuer}/protocol/openid-connect`
    expect(await client({ issuer: at.issuer, clientId: 'script' }).metadata()).toMatchObject({
      issuer: at.issuer,
      authorization_endpoint: `${base}/auth`,
      token_endpoint: `${base}/token`,
      device_authorization_endpoint: `${base}/auth/device`,
      pushed_authorization_request_endpoint: `${base}/ext/par/request`,
      revocation_endpoint: `${base}/revoke`,
      introspection_endpoint: `${base}/token/introspect`,
      userinfo_endpoint: `${base}/userinfo`,
      end_session_endpoint: `${base}/logout`,
      registration_endpoint: `${at.issuer}/clients-registrations/openid-connect`,
      code_challenge_methods_supported: expect.arrayContaining(['S256']),
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256', 'EdDSA']),
      authorization_response_iss_parameter_supported: true,
    })
  })

  test('is asked for once, with a slash at the end of the issuer or without', async () => {
    const { fetch, sent } = counting()
    const options = { clientId: 'script', fetch }
    await client({ ...options, issuer: `${at.issuer}/` }).metadata()
    await client({ ...options, issuer: at.issuer }).metadata()
    expect(sent('/openid-configuration')).toBe(1)
  })

  test.each([
    ['a realm that there is not', '/realms/nowhere'],
    ['the address without its realm', ''],
    ['the path of old versions', '/auth/realms/latchkey'],
  ])('of %s says where it looked', async (_, path) => {
    const found = client({ issuer: `${at.origin}${path}`, clientId: 'script' }).metadata()
    expect(await told(found)).toBe(
      `DISCOVERY_FAILED: The metadata of http://KEYCLOAK${path} could not be read. There is none at http://KEYCLOAK${path}/.well-known/openid-configuration. Check the issuer's address.`,
    )
  })
})
