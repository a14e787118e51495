import {
  type AuthErrorCode,
  authorizationCode,
  bearer,
  client,
  clientCredentials,
  deviceCode,
  type Login,
  memoryStore,
  type SessionOptions,
  session,
  staticToken,
  tokenExchange,
} from '@latchkey/core'
import { manualClock, type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answer } from '../authorizer/answers.ts'
import { thrown } from '../issuer/thrown.ts'

const keys = await generateKeyPair('PS256')
const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'PS256', use: 'sig' }
const json = { 'content-type': 'application/json; encoding=utf-8' }
const now = Math.floor(Date.now() / 1000)
const ended = await new SignJWT({ exp: now - 1 }).setProtectedHeader({ alg: 'PS256' }).sign(keys.privateKey)

// OpenCloud's own provider (lico), as it was asked over HTTP; the numbers are the points of what was found.
let at: ScriptedIssuer
beforeEach(async () => {
  const absent = { revocation_endpoint: undefined, introspection_endpoint: undefined, registration_endpoint: undefined }
  at = await scriptedIssuer([{ request: 'GET /jwks', reply: { body: { keys: [jwk] } } }], {
    metadata: (origin) => ({
      ...absent,
      device_authorization_endpoint: undefined,
      authorization_endpoint: `${origin}/signin/v1/identifier/_/authorize`,
      response_types_supported: ['id_token token', 'id_token', 'code id_token', 'code id_token token'],
      scopes_supported: ['openid', 'offline_access', 'profile', 'email'],
      id_token_signing_alg_values_supported: ['RS256', 'PS256', 'PS512'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
    }),
  })
})
afterEach(async () => {
  expect(at.unexpected).toEqual([])
  await at.close()
})

const signed = (claims: Readonly<Record<string, unknown>>): Promise<string> =>
  new SignJWT({ iss: at.issuer, aud: 'OpenCloudDesktop', sub: 'alan@1', iat: now, exp: now + 300, ...claims })
    .setProtectedHeader({ alg: 'PS256', kid: 'k1' })
    .sign(keys.privateKey)

const scope = 'openid profile email offline_access'
const desktop = () => client({ issuer: at.issuer, clientId: 'OpenCloudDesktop', scope })
const answers = (...replies: readonly Reply[]): void => {
  for (const reply of replies) at.add({ request: 'POST /token', reply: { headers: json, ...reply } })
}
const refusal = (error: string, error_description: string): Reply => ({
  status: 400,
  body: JSON.stringify({ error, error_description }),
})
const granted = (more: object = {}): Reply => ({
  body: JSON.stringify({ access_token: `AT-${crypto.randomUUID()}`, token_type: 'Bearer', expires_in: 300, ...more }),
})

/** A session over a login that a person made before. */
async function loggedIn(login: Partial<Login> = {}, options: Partial<SessionOptions> = {}) {
  const store = memoryStore(options.clock && { clock: options.clock })
  const key = { issuer: at.issuer, clientId: 'OpenCloudDesktop' }
  await store.update(key, async () => ({ refreshToken: 'RT1', scope, tokens: {}, ...login }))
  return { stored: () => store.get(key), source: session({ ...key, store, scope, ...options }) }
}
const forms = () => at.received('/token').map(({ form }) => form)

describe('OpenCloud’s APIs', () => {
  const request = { method: 'GET', url: new URL('https://cloud.example.org/graph/v1.0/me') }

  test('opencloud 18: a 500 for a token without the scope profile is the caller’s: nothing is renewed', async () => {
    const authorization = await bearer(staticToken('AT'), 'https://cloud.example.org')(request)
    expect(await authorization?.answered?.(answer(500))).toBeUndefined()
  })

  test('opencloud 19: get the scheme in their spelling, however the issuer wrote it', async () => {
    answers(granted({ token_type: 'bearer' }))
    const { source } = await loggedIn()
    const authorization = await bearer(source, 'https://cloud.example.org')(request)
    expect(authorization?.headers['authorization']).toMatch(/^Bearer AT-/)
  })
})

describe('a login at OpenCloud', () => {
  const redirectUri = 'http://127.0.0.1:49152/any/path'

  const logIn = async () => {
    const asked: URLSearchParams[] = []
    const receive = async ({ url, state }: { readonly url: string; readonly state: string }): Promise<string> => {
      const { origin, pathname, searchParams } = new URL(url)
      expect(origin + pathname).toBe(`${at.issuer}/signin/v1/identifier/_/authorize`)
      asked.push(searchParams)
      const id_token = await signed({ nonce: searchParams.get('nonce') })
      answers(granted({ access_token: await signed({ typ: 'access' }), id_token, refresh_token: await signed({}) }))
      return `code=C&state=${state}`
    }
    return { set: await authorizationCode(desktop(), { redirectUri, receive })(), asked: asked[0] }
  }

  test('opencloud 20: is made though the metadata lists no code, no grants and no proof keys', async () => {
    const { set, asked } = await logIn()
    expect(set.idTokenClaims).toMatchObject({ sub: 'alan@1' })
    expect(asked?.get('code_challenge_method')).toBe('S256')
  })

  test('opencloud 20: is ended here though there is nothing to revoke it with, and that is said', async () => {
    const { source, stored } = await loggedIn()
    const { removed, confirmed, reason } = await source.logout()
    expect([removed, confirmed, reason?.code]).toEqual([true, false, 'UNSUPPORTED'])
    expect(await stored()).toBeUndefined()
  })

  test('opencloud 21: goes as a public client without a secret, to any port and path of loopback', async () => {
    const { asked } = await logIn()
    expect(asked?.get('redirect_uri')).toBe(redirectUri)
    expect(forms()[0]).toMatchObject({ client_id: 'OpenCloudDesktop', redirect_uri: redirectUri })
    expect(at.received('/token')[0]?.headers['authorization']).toBeUndefined()
  })

  test('opencloud 22: by another grant is told that there is none', async () => {
    answers(
      refusal('unsupported_grant_type', 'grant_type value not implemented'),
      refusal('unsupported_grant_type', ''),
    )
    const device = deviceCode(desktop(), { prompt: () => undefined })
    expect(await thrown(device())).toMatchObject({ code: 'UNSUPPORTED' })
    expect(await thrown(clientCredentials(desktop())())).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(await thrown(tokenExchange(desktop(), { subjectToken: 'AT' })())).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('opencloud 23: has the scope that was asked for, an ID token by PS256, and ends in 300 s', async () => {
    const before = Date.now()
    const { set } = await logIn()
    expect(set.scope).toBe(scope)
    expect(set.token.tokenType).toBe('Bearer')
    expect(set.token.expiresAt).toBeGreaterThanOrEqual(before + 300_000)
    expect(set.refreshToken?.length).toBeGreaterThan(300)
  })
})

describe('a refresh at OpenCloud', () => {
  test('opencloud 24: stores each new refresh token, and keeps the old one where a narrower answer has none', async () => {
    answers(granted({ refresh_token: 'RT2' }), granted())
    const { source, stored } = await loggedIn()
    await source.getToken()
    expect((await stored())?.refreshToken).toBe('RT2')
    await source.narrow({ scope: 'openid' }).getToken()
    expect((await stored())?.refreshToken).toBe('RT2')
    expect(forms().map((form) => form['refresh_token'])).toEqual(['RT1', 'RT2'])
  })

  test.each<[string, AuthErrorCode, string, Reply]>([
    ['has expired', 'LOGIN_REQUIRED', ended, refusal('invalid_request', 'token is expired by 1s')],
    ['is cut', 'LOGIN_REQUIRED', 'RT1', refusal('invalid_request', 'token contains an invalid number of segments')],
    ['is signed by an old key', 'LOGIN_REQUIRED', 'RT1', refusal('invalid_request', 'crypto/rsa: verification error')],
    ['is an access token', 'LOGIN_REQUIRED', 'RT1', refusal('invalid_request', 'not a refresh token')],
    ['is of a user who is gone', 'LOGIN_REQUIRED', 'RT1', refusal('invalid_grant', 'user not found')],
    ['is another client’s', 'LOGIN_REQUIRED', 'RT1', refusal('invalid_grant', 'client_id mismatch')],
    [
      'comes from a client that is not known',
      'CONFIG_INVALID',
      'RT1',
      refusal('access_denied', 'unknown client_id: c'),
    ],
    ['is to give more than it has', 'CONFIG_INVALID', 'RT1', refusal('insufficient_scope', 'insufficient scope')],
  ])('opencloud 25: of a token that %s is %s, and the token is kept', async (_, code, refreshToken, reply) => {
    answers(reply)
    const { source, stored } = await loggedIn({ refreshToken })
    const error = await thrown(source.getToken())
    expect(error.code).toBe(code)
    expect(error.message).toMatch(
      code === 'LOGIN_REQUIRED' ? /Log in with: npx @latchkey\/cli login/ : /Check the client id/,
    )
    expect(await stored()).toMatchObject({ refreshToken })
  })

  test('opencloud 25: while the server starts is refused like a dead one, and works again half a minute later', async () => {
    answers(refusal('invalid_grant', 'user not found'), granted({ refresh_token: 'RT2' }))
    const clock = manualClock()
    const { source, stored } = await loggedIn({}, { clock })
    expect(await thrown(source.getToken())).toMatchObject({ code: 'LOGIN_REQUIRED' })
    await clock.advance(30_000)
    expect((await source.getToken()).accessToken).toMatch(/^AT-/)
    expect(await stored()).toMatchObject({ refreshToken: 'RT2' })
    expect(await stored()).not.toHaveProperty('refused')
  })

  test('opencloud 26: after a restart goes on with the same token: what failed meanwhile was the network', async () => {
    answers({ fault: 'reset' }, { fault: 'reset' }, granted({ refresh_token: 'RT2' }))
    const clock = manualClock()
    const { source } = await loggedIn({}, { clock })
    for (const _ of [1, 2]) {
      expect(await thrown(source.getToken())).toMatchObject({ code: 'NETWORK' })
      await clock.advance(60_000)
    }
    expect((await source.getToken()).accessToken).toMatch(/^AT-/)
    expect(forms().map((form) => form['refresh_token'])).toEqual(['RT1', 'RT1', 'RT1'])
  })
})
