import { client, password, refreshToken } from '@latchkey/core'
import { keycloakPassword } from '@latchkey/testkit'
import { expect, test } from 'vitest'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('a name and a password', (at) => {
  const made = (clientId = 'script') => client({ issuer: at.issuer, clientId, scope: 'openid offline_access' })

  test('bring a login, which is renewed like any other', async () => {
    const { username } = await at.user()
    const set = await password(made(), { username, password: keycloakPassword })()
    expect(set.idTokenClaims).toMatchObject({ aud: 'script', preferred_username: username })
    const again = await refreshToken(made(), set.refreshToken ?? '')()
    expect(claimsOf(again.token.accessToken)).toMatchObject({ preferred_username: username })
  })

  test('that are wrong are LOGIN_DENIED', async () => {
    const { username } = await at.user()
    expect(await told(password(made(), { username, password: 'wrong' })())).toBe(
      'LOGIN_DENIED: The password grant failed at KEYCLOAK with 401: invalid_grant: Invalid user credentials. Start the login again if that was not meant.',
    )
  })

  test('are taken from no client that is not registered for it', async () => {
    const { username } = await at.user()
    const clientId = await at.client({ publicClient: true, directAccessGrantsEnabled: false })
    expect(await told(password(made(clientId), { username, password: keycloakPassword })())).toMatch(
      /^CONFIG_INVALID: The password grant failed at KEYCLOAK with 400: unauthorized_client: /,
    )
  })
})
