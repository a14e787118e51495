import { client, loginKey, memoryStore, refreshToken, revoke, session } from '@latchkey/core'
import type { ClientRepresentation, KeycloakLogin, KeycloakRealm, KeycloakUser } from '@latchkey/testkit'
import { expect, test } from 'vitest'
import { claimsOf, counting, onKeycloak, told } from './real-keycloak.ts'

/** Whose login is about to end. */
interface Victim extends KeycloakLogin {
  readonly user: KeycloakUser
  readonly clientId: string
  /** The session's id. */
  readonly sid: string
  /** Changes the client, which is this victim's own. */
  change(settings: object): Promise<unknown>
}

/** How a login ends. */
interface Death {
  readonly name: string
  /** In Keycloak's words. */
  readonly words: string
  /** Default `openid offline_access`. */
  readonly scope?: string
  /** A client of its own, public and with this; default `script`. */
  readonly client?: Omit<ClientRepresentation, 'clientId'>
  /** What happens; what it gives is the refresh token sent, default the victim's. */
  readonly happens: (at: KeycloakRealm, victim: Victim) => Promise<unknown>
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const publicClient = { publicClient: true, directAccessGrantsEnabled: true }
const online = { scope: 'openid' }

const ends: readonly Death[] = [
  {
    name: 'an online session is ended by its administrator',
    words: 'Session not active',
    ...online,
    happens: (at, { sid }) => at.admin('DELETE', `/sessions/${sid}`),
  },
  {
    name: 'an offline session is ended by its administrator',
    words: 'Offline user session not found',
    happens: (at, { sid }) => at.admin('DELETE', `/sessions/${sid}?isOffline=true`),
  },
  {
    name: 'an administrator logs the user out of everything, online sessions',
    words: 'Session not active',
    ...online,
    happens: (at, { user }) => at.admin('POST', `/users/${user.id}/logout`),
  },
  {
    name: 'an administrator logs the user out of everything, offline sessions',
    words: 'Stale token',
    // Keycloak notes the second: an offline token of the same second stays good.
    happens: async (at, { user }) => {
      await pause(1_000)
      await at.admin('POST', `/users/${user.id}/logout`)
    },
  },
  {
    name: 'the user withdraws the consent',
    words: 'Offline user session not found',
    happens: (at, { user, clientId }) => at.admin('DELETE', `/users/${user.id}/consents/${clientId}`),
  },
  {
    name: 'the user is disabled',
    words: 'User disabled',
    happens: (at, { user }) => at.admin('PUT', `/users/${user.id}`, { enabled: false }),
  },
  {
    name: 'the user is deleted',
    words: 'Offline user session not found',
    happens: (at, { user }) => at.admin('DELETE', `/users/${user.id}`),
  },
  {
    name: 'the user may have no offline tokens any more',
    words: 'Offline session invalid because offline access not granted anymore',
    happens: async (at, { user }) => {
      const roles = await at.admin('GET', `/users/${user.id}/role-mappings/realm`)
      await at.admin('DELETE', `/users/${user.id}/role-mappings/realm`, roles)
    },
  },
  {
    name: 'it is revoked, offline (RFC 7009)',
    words: 'Offline user session not found',
    happens: (at, { clientId, refreshToken: token }) => revoke(client({ issuer: at.issuer, clientId }), token),
  },
  {
    name: 'it is revoked, online (RFC 7009)',
    words: 'Session not active',
    ...online,
    happens: (at, { clientId, refreshToken: token }) => revoke(client({ issuer: at.issuer, clientId }), token),
  },
  {
    name: 'all tokens of the client from before a time are revoked',
    words: 'Stale token',
    client: publicClient,
    happens: (_, { change }) => change({ notBefore: Math.floor(Date.now() / 1000) + 5 }),
  },
  {
    name: 'it has ended by itself',
    words: 'Token is not active',
    ...online,
    client: { ...publicClient, attributes: { 'client.session.idle.timeout': '1', 'client.session.max.lifespan': '1' } },
    happens: () => pause(2_100),
  },
  {
    name: 'the client’s sessions end sooner than when it was given',
    words: 'Client session not active',
    ...online,
    client: publicClient,
    happens: async (_, { change }) => {
      await change({ attributes: { 'client.session.max.lifespan': '1' } })
      await pause(2_100)
    },
  },
  {
    name: 'the client’s sessions end sooner than when it was given, offline',
    words: 'Client session not active',
    client: publicClient,
    happens: async (_, { change }) => {
      await change({ attributes: { 'client.offline.session.idle.timeout': '1' } })
      await pause(2_100)
    },
  },
  {
    name: 'it is another client’s',
    words: "Invalid refresh token. Token client and authorized client don't match",
    happens: async (at, { user }) =>
      (await at.issue({ clientId: 'browser-par', username: user.username })).refreshToken,
  },
  {
    name: 'it is no refresh token',
    words: 'Invalid refresh token',
    happens: async (_, { accessToken }) => accessToken,
  },
  {
    name: 'it was used before',
    words: 'Maximum allowed refresh token reuse exceeded',
    happens: (at, { clientId, refreshToken: token }) =>
      refreshToken(client({ issuer: at.issuer, clientId }), token)().then(() => undefined),
  },
  {
    name: 'it was used twice, and this is its successor',
    words: "Session doesn't have required client",
    happens: async (at, { clientId, refreshToken: token }) => {
      const again = refreshToken(client({ issuer: at.issuer, clientId }), token)
      const set = await again()
      await again().catch(() => undefined)
      return set.refreshToken
    },
  },
  {
    name: 'the client has to ask for consent since',
    words: 'Client no longer has requested consent from user',
    client: publicClient,
    happens: (_, { change }) => change({ consentRequired: true }),
  },
]

onKeycloak('a refresh token is worth nothing any more when', (at) => {
  /** A login of somebody of whom no other test knows, after what happened to it. */
  async function after({ scope, client: settings, happens }: Death): Promise<{ clientId: string; token: string }> {
    const user = await at.user()
    const clientId = settings === undefined ? 'script' : await at.client(settings)
    const login = await at.issue({ clientId, username: user.username, scope })
    const change = async (changed: object): Promise<unknown> =>
      at.admin('PUT', `/clients/${await at.idOf(clientId)}`, changed)
    const sid = String(claimsOf(login.accessToken)['sid'])
    const other = await happens(at, { ...login, user, clientId, sid, change })
    return { clientId, token: typeof other === 'string' ? other : login.refreshToken }
  }

  test.each(ends.map((death) => [death.name, death] as const))('%s', async (_, death) => {
    const { clientId, token } = await after(death)
    const error = death.words.includes('consent') ? 'invalid_scope' : 'invalid_grant'
    const asked = refreshToken(client({ issuer: at.issuer, clientId }), token)
    expect(await told(asked())).toContain(`KEYCLOAK with 400: ${error}: ${death.words}. Log in again.`)
    const { fetch, sent } = counting()
    const store = memoryStore()
    const key = loginKey({ issuer: at.issuer, clientId })
    await store.update(key, async () => ({ refreshToken: token, tokens: {} }))
    const login = session({ issuer: at.issuer, clientId, store, fetch })
    const advice = `Log in with: npx @latchkey/cli login ${at.issuer} --client-id ${clientId}`.replace(
      new URL(at.origin).host,
      'KEYCLOAK',
    )
    // Asked twice, Keycloak may say it in other words.
    const [start, end] = (await told(login.getToken())).split(/: [^():]+\)\. (?=Log in)/)
    expect(start).toBe(
      `LOGIN_REQUIRED: The issuer refused the login for client ${clientId} at http://KEYCLOAK/realms/latchkey (${error}`,
    )
    expect(end).toBe(advice)
    // The second call rests, and nothing was thrown away: the issuer may be wrong.
    await told(login.getToken())
    expect(sent('/token')).toBe(1)
    expect(await store.get(key)).toMatchObject({ refreshToken: token, refused: { code: error, times: 1 } })
  })
})

onKeycloak('the client is what is wrong when', (at) => {
  test.each<[string, string, object]>([
    ['it is disabled', '401: invalid_client: Invalid client or Invalid client credentials', { enabled: false }],
    [
      'it has become confidential',
      '401: unauthorized_client: Invalid client or Invalid client credentials',
      { publicClient: false, secret: 'a secret' },
    ],
    [
      'its tokens must be bound',
      '400: invalid_request: DPoP proof is missing',
      { attributes: { 'dpop.bound.access.tokens': 'true' } },
    ],
  ])('%s: CONFIG_INVALID, and the login is as it was when that is mended', async (_, words, settings) => {
    const clientId = await at.client({ publicClient: true, directAccessGrantsEnabled: true })
    const { refreshToken: token } = await at.issue({ clientId })
    const id = await at.idOf(clientId)
    const before = await at.admin('GET', `/clients/${id}`)
    const store = memoryStore()
    const key = loginKey({ issuer: at.issuer, clientId })
    await store.update(key, async () => ({ refreshToken: token, tokens: {} }))
    const login = session({ issuer: at.issuer, clientId, store })
    await at.admin('PUT', `/clients/${id}`, settings)
    expect(await told(login.getToken())).toMatch(
      `CONFIG_INVALID: The refresh token grant failed at KEYCLOAK with ${words}`,
    )
    expect(await store.get(key)).toEqual({ refreshToken: token, tokens: {} })
    const undone = { attributes: { 'dpop.bound.access.tokens': 'false' } }
    await at.admin('PUT', `/clients/${id}`, { ...(before as object), publicClient: true, ...undone })
    await expect(login.getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
  })
})
