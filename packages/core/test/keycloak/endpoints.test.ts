import {
  authorizationCode,
  client,
  clientCredentials,
  deviceCode,
  dpopKey,
  endSessionUrl,
  introspect,
  refreshToken,
  revoke,
  userinfo,
} from '@latchkey/core'
import { expect, test } from 'vitest'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('its other endpoints', (at) => {
  const script = () => client({ issuer: at.issuer, clientId: 'script' })
  const service = (clientSecret = at.clientSecret) => client({ issuer: at.issuer, clientId: 'secret', clientSecret })
  const subjectOf = (token: string): string => String(claimsOf(token)['sub'])

  test('userinfo tells about the person whose token it is', async () => {
    const { username } = await at.user()
    const { accessToken } = await at.issue({ username })
    const subject = subjectOf(accessToken)
    expect(await userinfo(script(), accessToken, { subject })).toMatchObject({
      sub: subject,
      preferred_username: username,
      email: `${username}@example.test`,
    })
    expect(await told(userinfo(script(), accessToken, { subject: 'somebody-else' }))).toMatch(
      /^RESPONSE_INVALID: .*sub/,
    )
  })

  test('userinfo takes a bound token with a proof, and not without', async () => {
    const made = client({ issuer: at.issuer, clientId: 'dpop', scope: 'openid' })
    const key = await dpopKey()
    const prompt = ({ verificationUriComplete = '' }) => at.approve(verificationUriComplete)
    const { token } = await deviceCode(made, { prompt })({ dpopKey: key })
    const subject = subjectOf(token.accessToken)
    expect(await userinfo(made, { ...token, key }, { subject })).toMatchObject({ sub: subject })
    expect(await told(userinfo(made, token.accessToken, { subject }))).toBe(
      'TOKEN_REFUSED: The request for userinfo failed at KEYCLOAK with 401: invalid_token: Token verification failed. Renew the token, or log in again.',
    )
  })

  test('userinfo refuses what is no token, has no session any more, or lacks openid', async () => {
    const failed = 'The request for userinfo failed at KEYCLOAK with'
    expect(await told(userinfo(script(), 'garbage', { subject: undefined }))).toBe(
      `TOKEN_REFUSED: ${failed} 401: invalid_token: Token verification failed. Renew the token, or log in again.`,
    )
    const { id, username } = await at.user()
    const { accessToken } = await at.issue({ username, scope: 'openid' })
    await at.admin('POST', `/users/${id}/logout`)
    expect(await told(userinfo(script(), accessToken, { subject: subjectOf(accessToken) }))).toBe(
      `TOKEN_REFUSED: ${failed} 401: invalid_token: user_session_not_found. Renew the token, or log in again.`,
    )
    const { token } = await clientCredentials(service())()
    expect(await told(userinfo(service(), token, { subject: undefined }))).toBe(
      `CONFIG_INVALID: ${failed} 403: insufficient_scope: Missing openid scope. Log in with the scope openid.`,
    )
  })

  test('introspection tells what a token is worth, also a refresh token', async () => {
    const { accessToken, refreshToken: token } = await at.issue()
    expect(await introspect(service(), accessToken)).toMatchObject({
      active: true,
      clientId: 'script',
      subject: subjectOf(accessToken),
      scope: expect.stringContaining('offline_access'),
      expiresAt: expect.any(Number),
    })
    const offline = await introspect(service(), token, { hint: 'refresh_token' })
    expect(offline).toMatchObject({ active: true, claims: { token_type: 'Offline' } })
    expect(offline).not.toHaveProperty('expiresAt')
    expect(await introspect(service(), 'garbage')).toEqual({ active: false, claims: { active: false } })
  })

  test('introspection is not for public clients, nor for a wrong secret', async () => {
    const { accessToken } = await at.issue()
    const failed = 'CONFIG_INVALID: The introspection failed at KEYCLOAK with'
    expect(await told(introspect(script(), accessToken))).toContain(
      `${failed} 403: invalid_request: Client not allowed. `,
    )
    expect(await told(introspect(service('wrong'), accessToken))).toContain(
      `${failed} 401: invalid_request: Authentication failed. `,
    )
  })

  test('revocation of an access token ends that one, of a refresh token both', async () => {
    const first = await at.issue({ username: (await at.user()).username })
    expect(await revoke(script(), first.accessToken, { hint: 'access_token' })).toBe(true)
    expect(await introspect(service(), first.accessToken)).toMatchObject({ active: false })
    const next = await refreshToken(script(), first.refreshToken)()
    expect(await introspect(service(), next.token.accessToken)).toMatchObject({ active: true })
    expect(await revoke(script(), next.refreshToken ?? '')).toBe(true)
    expect(await introspect(service(), next.token.accessToken)).toMatchObject({ active: false })
  })

  test('revocation confirms what nobody knows, and not what belongs to another client', async () => {
    expect(await revoke(script(), 'garbage')).toBe(true)
    const { refreshToken: token } = await at.issue({ clientId: 'browser' })
    expect(await revoke(script(), token)).toBe(false)
    expect(await introspect(service(), token)).toMatchObject({ active: true })
  })

  test.each([
    ['openid', 'Session not active'],
    // Not as of old: whoever logs out with the ID token of an offline login ends that, too.
    ['openid offline_access', 'Offline user session not found'],
  ])(
    'a logout in the browser with the ID token of a login for %s ends that login, and no other',
    async (scope, words) => {
      const redirectUri = 'http://127.0.0.1:12345/callback'
      const { username } = await at.user()
      const other = await at.issue({ clientId: 'browser', username })
      const browser = client({ issuer: at.issuer, clientId: 'browser', scope })
      const receive = async ({ url }: { readonly url: string }) => (await at.signIn(url, { username })).url
      const set = await authorizationCode(browser, { redirectUri, receive })()
      const address = await endSessionUrl(browser, {
        idTokenHint: set.idToken,
        postLogoutRedirectUri: redirectUri,
        state: 'bye',
      })
      expect((await at.signIn(address)).url).toBe(`${redirectUri}?state=bye`)
      expect(await told(refreshToken(browser, set.refreshToken ?? '')())).toContain(`400: invalid_grant: ${words}. `)
      await expect(refreshToken(browser, other.refreshToken)()).resolves.toBeDefined()
    },
  )
})
