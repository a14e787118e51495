import {
  type Clock,
  clientCredentials,
  deviceCode,
  loginKey,
  memoryStore,
  type SessionOptions,
  session,
  systemClock,
} from '@latchkey/core'
import { expect, test } from 'vitest'
import { claimsOf, counting, onKeycloak, told } from './real-keycloak.ts'

/** The machine's clock, but so many ms ahead. */
function ahead(): Clock & { ms: number } {
  const clock = { ...systemClock, ms: 0, now: () => systemClock.now() + clock.ms }
  clock.monotonic = () => systemClock.monotonic() + clock.ms
  return clock
}

onKeycloak('a session', (at) => {
  async function loggedIn(options: Partial<SessionOptions> & { readonly scope?: string } = {}) {
    const user = await at.user()
    const { clientId = 'script', scope, ...more } = options
    const { refreshToken } = await at.issue({ clientId, username: user.username, scope })
    const store = memoryStore()
    const key = loginKey({ issuer: at.issuer, clientId })
    await store.update(key, async () => ({ refreshToken, tokens: {} }))
    const stored = async () => (await store.get(key))?.refreshToken
    return { user, refreshToken, store, key, stored, login: session({ issuer: at.issuer, clientId, store, ...more }) }
  }

  test.each(['openid offline_access', 'openid'])('rotates with every refresh, for %s', async (scope) => {
    const clock = ahead()
    const { login, refreshToken, stored } = await loggedIn({ scope, clock })
    const seen = new Set([refreshToken])
    let rejected = await login.getToken()
    seen.add((await stored()) ?? '')
    for (let time = 0; time < 3; time++) {
      // One that was renewed on demand is not renewed again for 10 s.
      clock.ms += 11_000
      const next = await login.getToken({ rejected })
      expect(next.accessToken).not.toBe(rejected.accessToken)
      rejected = next
      seen.add((await stored()) ?? '')
    }
    expect(seen.size).toBe(5)
  })

  test('renews a token that does not live for long, before it ends', async () => {
    const settings = { publicClient: true, directAccessGrantsEnabled: true }
    const clientId = await at.client({ ...settings, attributes: { 'access.token.lifespan': '200' } })
    const clock = ahead()
    const { fetch, sent } = counting()
    const { login } = await loggedIn({ clientId, clock, fetch })
    const first = await login.getToken()
    expect(first.expiresAt).toBeLessThanOrEqual(clock.now() + 200_000)
    clock.ms = 150_000
    await expect(login.getToken()).resolves.toBe(first)
    clock.ms = 185_000
    expect((await login.getToken()).accessToken).not.toBe(first.accessToken)
    expect(sent('/token')).toBe(2)
  })

  test('is one refresh for a hundred callers at once', async () => {
    const { fetch, sent } = counting()
    const { login } = await loggedIn({ fetch })
    const tokens = await Promise.all(Array.from({ length: 100 }, () => login.getToken()))
    expect(new Set(tokens).size).toBe(1)
    expect(sent('/token')).toBe(1)
  })

  test('takes a refused token up again after its rest, when the issuer has changed its mind', async () => {
    const clock = ahead()
    const { fetch, sent } = counting()
    const { login, user, stored, refreshToken } = await loggedIn({ clock, fetch })
    await at.admin('PUT', `/users/${user.id}`, { enabled: false })
    expect(await told(login.getToken())).toMatch('LOGIN_REQUIRED: The issuer refused the login')
    await at.admin('PUT', `/users/${user.id}`, { enabled: true })
    clock.ms = 20_000
    expect(await told(login.getToken())).toMatch('LOGIN_REQUIRED: The issuer refused the login')
    expect(sent('/token')).toBe(1)
    expect(await stored()).toBe(refreshToken)
    clock.ms = 31_000
    await expect(login.getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
  })

  test('asks a person once when the issuer refuses, and goes on with their login', async () => {
    const { key, store, user } = await loggedIn()
    await at.admin('PUT', `/users/${user.id}`, { enabled: false })
    let prompts = 0
    const { username } = await at.user()
    const login = session({
      issuer: at.issuer,
      clientId: 'script',
      scope: 'openid offline_access',
      store,
      login: (client) =>
        deviceCode(client, {
          prompt: ({ verificationUriComplete = '' }) => {
            prompts++
            return at.approve(verificationUriComplete, { username })
          },
        }),
    })
    const [one, other] = await Promise.all([login.getToken(), login.getToken()])
    expect(one).toBe(other)
    expect(prompts).toBe(1)
    expect(claimsOf(one.accessToken)).toMatchObject({ preferred_username: username })
    expect(await store.get(key)).not.toHaveProperty('refused')
    await expect(login.getToken({ rejected: one })).resolves.toBeDefined()
    expect(prompts).toBe(1)
  })

  test('logs out: the issuer confirms, the store is empty, and the token is worth nothing', async () => {
    const { login, stored, store, key } = await loggedIn()
    await login.getToken()
    const token = (await stored()) ?? ''
    expect(await login.logout()).toEqual({ removed: true, confirmed: true })
    expect(await stored()).toBeUndefined()
    await store.update(key, async () => ({ refreshToken: token, tokens: {} }))
    expect(await told(login.getToken())).toMatch('LOGIN_REQUIRED: The issuer refused the login')
  })

  test('narrowed gets tokens of its own under the same login', async () => {
    const { login } = await loggedIn()
    const narrow = login.narrow({ scope: 'openid email' })
    const [whole, part] = [await login.getToken(), await narrow.getToken()]
    expect(part.accessToken).not.toBe(whole.accessToken)
    await expect(login.getToken()).resolves.toBe(whole)
    expect((await login.getToken({ rejected: whole })).accessToken).not.toBe(whole.accessToken)
  })

  test('keeps its login where the issuer stops giving refresh tokens, until that one has ended', async () => {
    const clientId = await at.client({ publicClient: true, directAccessGrantsEnabled: true })
    const { login, refreshToken, stored } = await loggedIn({ clientId })
    await at.admin('PUT', `/clients/${await at.idOf(clientId)}`, { attributes: { 'use.refresh.tokens': 'false' } })
    const token = await login.getToken()
    expect(await stored()).toBe(refreshToken)
    // With rotation on, Keycloak has spent it all the same.
    expect(await told(login.getToken({ rejected: token }))).toMatch('LOGIN_REQUIRED: The issuer refused the login')
  })

  test('of a machine keeps its tokens in a store and no refresh token', async () => {
    const store = memoryStore()
    const { fetch, sent } = counting()
    const options = { issuer: at.issuer, clientId: 'secret', clientSecret: at.clientSecret, store, fetch }
    const token = await session({ ...options, renew: clientCredentials }).getToken()
    const again = await session({ ...options, renew: clientCredentials }).getToken()
    expect(again.accessToken).toBe(token.accessToken)
    expect(sent('/token')).toBe(1)
  })
})
