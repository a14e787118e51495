import {
  clientCredentials,
  type Login,
  memoryStore,
  refreshToken as refreshGrant,
  type SessionOptions,
  session,
  tokenExchange,
} from '@latchkey/core'
import type { Reply } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'
import { deadToken, type Iam, iam, refreshToken, refusal } from './iam.ts'

let at: Iam
beforeEach(async () => {
  at = await iam()
})
afterEach(async () => {
  expect(at.unexpected).toEqual([])
  await at.close()
})

const answers = (...replies: readonly Reply[]): void => {
  for (const reply of replies) at.add({ request: 'POST /token', reply })
}
const granted = (more: object = {}): Reply => ({
  body: { access_token: `AT-${crypto.randomUUID()}`, token_type: 'Bearer', expires_in: 3599, ...more },
})

/** A session over a login that a person made before. */
async function loggedIn(login: Partial<Login> = {}, options: Partial<SessionOptions> = {}) {
  const store = memoryStore()
  const key = { issuer: at.issuer, clientId: 'c' }
  await store.update(key, async () => ({ refreshToken: refreshToken(), scope: 'openid read', tokens: {}, ...login }))
  return { store, stored: () => store.get(key), source: session({ ...key, store, ...options }) }
}

describe('a client of INDIGO IAM', () => {
  test('iam 1: sends id and secret as they are: Basic is compared undecoded', async () => {
    answers(granted())
    const clientId = '7f0e5990-988b-4f06-9f14-4a6895fa5267'
    const clientSecret = 'Ndn7hC4KUWyei7rg5az_NzfK64-t0dSCf1'
    await clientCredentials(at.client({ clientId, clientSecret }))()
    expect(at.received('/token')[0]?.headers['authorization']).toBe(`Basic ${btoa(`${clientId}:${clientSecret}`)}`)
  })

  test('iam 2: reads a 401 with a challenge as the body says', async () => {
    answers(refusal(401, 'invalid_client', 'Unauthorized grant type'))
    const error = await thrown(clientCredentials(at.client())())
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', refusal: { status: 401, error: 'invalid_client' } })
    expect(error.message).toContain('Unauthorized grant type')
  })

  test('iam 2: and as the challenge says where there is no body', async () => {
    answers({ ...refusal(401, 'invalid_client', 'Client is suspended'), body: '' })
    expect(await thrown(clientCredentials(at.client())())).toMatchObject({ refusal: { error: 'invalid_client' } })
  })

  test.each([
    ['a wrong secret by Basic', refusal(401, 'unauthorized', 'Bad credentials')],
    ['a wrong secret in the form', refusal(401, 'invalid_client', 'Bad client credentials')],
    ['a deleted client', refusal(401, 'unauthorized', 'Bad credentials')],
    ['a grant that is not allowed', refusal(401, 'invalid_client', 'Unauthorized grant type')],
    ['a suspended client', refusal(401, 'invalid_client', 'Client is suspended: c')],
  ])('iam 5: with %s is CONFIG_INVALID, on a refresh too: no login helps', async (_, reply) => {
    answers(reply, reply)
    expect(await thrown(clientCredentials(at.client())())).toMatchObject({ code: 'CONFIG_INVALID' })
    const { source, stored } = await loggedIn()
    const error = await thrown(source.getToken())
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain('Check the client id, its secret')
    expect((await stored())?.refused).toBeUndefined()
  })

  test('iam 16: for several audiences sends one value as it was given, or each: it reads the first alone', async () => {
    answers(granted(), granted())
    await clientCredentials(at.client(), { audience: 'https://se1.example.org https://se2.example.org' })()
    await clientCredentials(at.client(), { audience: ['a', 'b'] })()
    expect(at.received('/token').map(({ body }) => new URLSearchParams(body).getAll('audience'))).toEqual([
      ['https://se1.example.org https://se2.example.org'],
      ['a', 'b'],
    ])
  })

  test('iam 16: with a resource that is no address is CONFIG_INVALID', async () => {
    answers(refusal(400, 'invalid_target', 'Not a valid URI: x'))
    const error = await thrown(clientCredentials(at.client(), { resource: 'x' })())
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', refusal: { error: 'invalid_target' } })
  })

  test('iam 23: is told a 500 once: what cannot succeed is not sent again', async () => {
    answers(refusal(500, 'server_error', 'Internal Server Error'))
    expect(await thrown(clientCredentials(at.client())())).toMatchObject({ code: 'SERVER_ERROR' })
    expect(at.forms()).toHaveLength(1)
  })

  test('iam 34: gets no refresh token for itself', async () => {
    answers(granted({ refresh_token: refreshToken() }))
    expect(await clientCredentials(at.client())()).not.toHaveProperty('refreshToken')
  })
})

describe('a refresh at INDIGO IAM', () => {
  test('iam 3: of a dead token is LOGIN_REQUIRED with the command, and the token rests', async () => {
    answers(deadToken(refreshToken()))
    const { source, stored } = await loggedIn()
    const error = await thrown(source.getToken())
    expect(error.code).toBe('LOGIN_REQUIRED')
    expect(error.message).toContain('(invalid_token: Refresh token for value <redacted> was not found). Log in with: ')
    expect(error.message).toContain(`npx @latchkey/cli login ${at.issuer} --client-id c`)
    expect(await stored()).toMatchObject({ refreshToken: refreshToken(), refused: { times: 1 } })
    await thrown(source.getToken())
    expect(at.forms()).toHaveLength(1)
  })

  test('iam 4: repeats nothing of the tokens that the issuer repeats', async () => {
    const token = 'opaque-refresh-token-4711'
    answers(deadToken(token), deadToken(refreshToken()))
    for (const sent of [token, refreshToken()]) {
      const error = await thrown(refreshGrant(at.client(), sent)())
      expect(error.message).toContain('Refresh token for value <redacted> was not found')
      expect(JSON.stringify(error)).not.toContain(sent)
    }
  })

  test('iam 17: sends its audience each time: it counts for one answer', async () => {
    answers(granted(), granted())
    const { source } = await loggedIn()
    const narrow = source.narrow({ audience: 'https://se1.example.org' })
    const first = await narrow.getToken()
    await narrow.getToken({ rejected: first })
    expect(at.forms().map((form) => form['audience'])).toEqual(['https://se1.example.org', 'https://se1.example.org'])
  })

  test('iam 17: for a resource that the login did not ask for is CONFIG_INVALID, and the login stays', async () => {
    answers(refusal(400, 'invalid_target', 'The requested resource was not originally granted'))
    const { source, stored } = await loggedIn()
    const error = await thrown(source.narrow({ resource: 'https://se1.example.org' }).getToken())
    expect(error.code).toBe('CONFIG_INVALID')
    expect((await stored())?.refused).toBeUndefined()
  })

  test('iam 18: stores whatever refresh token came back: the same, or another', async () => {
    const other = refreshToken(4_000_000_000)
    answers(granted({ refresh_token: refreshToken() }), granted({ refresh_token: other }))
    const { source, stored } = await loggedIn()
    const first = await source.getToken()
    expect((await stored())?.refreshToken).toBe(refreshToken())
    await source.getToken({ rejected: first })
    expect((await stored())?.refreshToken).toBe(other)
  })

  test('iam 19: by another process kills my token: its 401 takes the new one from the store, and refreshes nothing', async () => {
    answers(granted(), granted())
    const { source, store } = await loggedIn()
    const mine = await source.getToken()
    // Another process: the same bytes, no shared memory.
    const other = { get: store.get, update: store.update, keys: store.keys }
    const theirs = await session({ issuer: at.issuer, clientId: 'c', store: other }).getToken({ rejected: mine })
    expect((await source.getToken({ rejected: mine })).accessToken).toBe(theirs.accessToken)
    expect(at.forms()).toHaveLength(2)
  })

  test('iam 20: for less leaves the login as wide as it was', async () => {
    answers(granted({ scope: 'read' }), granted({ scope: 'openid read' }))
    const { source, stored } = await loggedIn()
    expect((await source.narrow({ scope: 'read' }).getToken()).scope).toBe('read')
    expect((await source.getToken()).scope).toBe('openid read')
    expect((await stored())?.scope).toBe('openid read')
    expect(at.forms()[1]).not.toHaveProperty('scope')
  })

  test('iam 20: for more is CONFIG_INVALID', async () => {
    answers(refusal(400, 'invalid_scope', 'Up-scoping is not allowed.'))
    const { source } = await loggedIn()
    const error = await thrown(source.narrow({ scope: 'openid phone' }).getToken())
    expect(error.message).toContain('invalid_scope: Up-scoping is not allowed. Check the client id')
  })

  test('iam 20: takes an ID token with the nonce and the auth_time of the login long ago', async () => {
    const id_token = await at.idToken({ nonce: 'n-1', auth_time: 1_700_000_000 })
    answers(granted({ scope: 'read', id_token }))
    const { source, stored } = await loggedIn()
    await source.getToken()
    expect((await stored())?.subject).toBe('80e5fb8d')
  })

  test('iam 21: narrows a capability to a path for one API, and is told where that cannot be', async () => {
    answers(granted({ scope: 'storage.read:/a' }), refusal(400, 'invalid_scope', 'Up-scoping is not allowed.'))
    const { source } = await loggedIn({ scope: 'storage.read:/' })
    expect((await source.narrow({ scope: 'storage.read:/a' }).getToken()).scope).toBe('storage.read:/a')
    const deeper = await thrown(source.narrow({ scope: 'storage.read:/a/c' }).getToken())
    expect(deeper.code).toBe('CONFIG_INVALID')
    expect(at.forms().map((form) => form['scope'])).toEqual(['storage.read:/a', 'storage.read:/a/c'])
  })
})

describe('a token exchange at INDIGO IAM', () => {
  const subjectToken = 'subject-token-4711'

  test('iam 22: always says a scope, the client’s where the exchange names none', async () => {
    const issued = { issued_token_type: 'urn:ietf:params:oauth:token-type:jwt' }
    answers(granted({ ...issued, scope: 'storage.read:/', refresh_token: refreshToken() }), granted(issued))
    const set = await tokenExchange(at.client({ scope: 'storage.read:/' }), { subjectToken })()
    expect(set).toMatchObject({ scope: 'storage.read:/', refreshToken: refreshToken() })
    await tokenExchange(at.client(), { subjectToken, scope: 'wlcg' })()
    expect(at.forms().map((form) => form['scope'])).toEqual(['storage.read:/', 'wlcg'])
  })

  test.each([
    [
      'a scope',
      'CONFIG_INVALID',
      refusal(400, 'invalid_request', 'The scope parameter is required for a token exchange request!'),
    ],
    ['delegation', 'CONFIG_INVALID', refusal(400, 'invalid_request', 'Delegation not supported')],
    [
      'a scope that is not allowed',
      'CONFIG_INVALID',
      refusal(400, 'invalid_scope', "Scope 'x' not allowed for client 'c'"),
    ],
    ['offline_access for itself', 'CONFIG_INVALID', refusal(403, 'access_denied', 'Access is denied')],
    [
      'a subject token that is dead',
      'LOGIN_REQUIRED',
      refusal(401, 'invalid_token', `Access token for value ${subjectToken} was not found`),
    ],
  ])('iam 22: refused for %s is %s', async (_, code, reply) => {
    answers(reply)
    const error = await thrown(tokenExchange(at.client(), { subjectToken })())
    expect(error.code).toBe(code)
    expect(error.message).not.toContain(subjectToken)
  })
})
