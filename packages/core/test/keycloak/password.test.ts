import { client, type PasswordOptions, password, refreshToken } from '@latchkey/core'
import { keycloakPassword } from '@latchkey/testkit'
import { expect, test } from 'vitest'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('the password grant', (at) => {
  const ask = (request: Partial<PasswordOptions> = {}, clientId = 'script', clientSecret?: string) =>
    password(client({ issuer: at.issuer, clientId, clientSecret, scope: 'openid offline_access' }), {
      username: 'marie',
      password: keycloakPassword,
      ...request,
    })
  const failed = 'The password grant failed at KEYCLOAK with'
  const check = 'Check the client id, its secret, the scope and the grants it is registered for.'

  test('brings an offline token, so that the password is needed once', async () => {
    const { username } = await at.user()
    const set = await ask({ username })()
    expect(set.idTokenClaims).toMatchObject({ iss: at.issuer, aud: 'script', preferred_username: username })
    expect(claimsOf(set.refreshToken)).toMatchObject({ typ: 'Offline' })
    const again = await refreshToken(client({ issuer: at.issuer, clientId: 'script' }), set.refreshToken ?? '')()
    expect(claimsOf(again.token.accessToken)).toMatchObject({ preferred_username: username })
  })

  test('of a confidential client needs its secret, too', async () => {
    const set = await ask({}, 'secret', at.clientSecret)()
    expect(set.idTokenClaims).toMatchObject({ aud: 'secret' })
    expect(await told(ask({}, 'secret', 'wrong')())).toBe(
      `CONFIG_INVALID: ${failed} 401: unauthorized_client: Invalid client or Invalid client credentials. ${check}`,
    )
  })

  test('asks for what the request says, before what the client says', async () => {
    const set = await ask({ scope: 'openid email' })()
    expect(set.scope?.split(' ').toSorted()).toEqual(['email', 'openid', 'profile'])
    expect(claimsOf(set.refreshToken)).toMatchObject({ typ: 'Refresh' })
  })

  test.each<[string, Partial<PasswordOptions>]>([
    ['a wrong password', { password: 'wrong' }],
    ['nobody’s name', { username: 'nobody' }],
  ])('with %s is LOGIN_DENIED, and Keycloak does not say which was wrong', async (_, request) => {
    expect(await told(ask(request)())).toContain(
      `LOGIN_DENIED: ${failed} 401: invalid_grant: Invalid user credentials. Check the user name and the password.`,
    )
  })

  test('of somebody who has to do something first is LOGIN_DENIED, and says what', async () => {
    const { username, id } = await at.user()
    await at.admin('PUT', `/users/${id}`, { requiredActions: ['UPDATE_PASSWORD'] })
    expect(await told(ask({ username })())).toContain(
      `LOGIN_DENIED: ${failed} 400: invalid_grant: Account is not fully set up. Log in there once by browser`,
    )
  })

  test('of a client that may not use it is CONFIG_INVALID', async () => {
    const clientId = await at.client({ publicClient: true })
    expect(await told(ask({}, clientId)())).toBe(
      `CONFIG_INVALID: ${failed} 400: unauthorized_client: Client not allowed for direct access grants. ${check}`,
    )
  })
})
