import { inspect } from 'node:util'
import { type Login, memoryStore, type TokenStore } from '@latchkey/core'
import { type ManualClock, manualClock } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keyOf, put, type RotatingIssuer, refused, rotatingIssuer, sessionAt } from './rotating-issuer.ts'

let issuer: RotatingIssuer
let clock: ManualClock
let store: TokenStore

beforeEach(async () => {
  issuer = await rotatingIssuer()
  clock = manualClock()
  store = memoryStore({ clock })
})
afterEach(async () => {
  expect(issuer.unexpected).toEqual([])
  await issuer.close()
})

const login = (): ReturnType<typeof sessionAt> => sessionAt(issuer, { store, clock })
/** Another process over the same store: it shares nothing but what `get` and `update` give. */
const otherProcess = (): TokenStore => ({
  get: (key, options) => store.get(key, options),
  update: (key, change, options) => store.update(key, change, options),
  keys: (options) => store.keys(options),
})

describe('step 1, a token in memory', () => {
  test('is returned without asking the store or the issuer, as the same promise', async () => {
    await put(store, issuer)
    const source = login()
    const first = await source.getToken()
    expect(first).toMatchObject({ accessToken: 'AT1', tokenType: 'Bearer' })
    expect(source.getToken()).toBe(source.getToken())
    expect(await source.getToken()).toBe(first)
    expect(issuer.sent).toHaveLength(1)
  })

  test('is renewed once its margin has begun: 30 s, or a tenth of a short life', async () => {
    await put(store, issuer)
    const source = login()
    await source.getToken()
    await clock.advance(3600_000 - 30_001)
    expect((await source.getToken()).accessToken).toBe('AT1')
    await clock.advance(2)
    issuer.expiresIn = 10
    expect((await source.getToken()).accessToken).toBe('AT2')
    await clock.advance(8_999)
    expect((await source.getToken()).accessToken).toBe('AT2')
    await clock.advance(2)
    expect((await source.getToken()).accessToken).toBe('AT3')
  })

  test('is renewed for a caller that needs it longer than it lives', async () => {
    await put(store, issuer)
    const source = login()
    await source.getToken()
    expect((await source.getToken({ minValid: 3_500_000 })).accessToken).toBe('AT1')
    expect((await source.getToken({ minValid: 3_590_000 })).accessToken).toBe('AT2')
  })

  test('without expires_in is used until it is refused', async () => {
    await put(store, issuer)
    issuer.expiresIn = undefined
    const source = login()
    const first = await source.getToken()
    await clock.advance(30 * 24 * 3600_000)
    expect(await source.getToken()).toBe(first)
    expect((await source.getToken({ rejected: first })).accessToken).toBe('AT2')
  })
})

describe('step 2, a renewal in flight', () => {
  test('is joined by everybody: 1,000 callers are one request', async () => {
    await put(store, issuer)
    const source = login()
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => source.getToken()))
    expect(new Set(tokens.map((token) => token.accessToken))).toEqual(new Set(['AT1']))
    expect(issuer.sent).toHaveLength(1)
  })

  test('is joined by another session of this process over the same store', async () => {
    await put(store, issuer)
    await Promise.all([login().getToken(), login().getToken()])
    expect(issuer.sent).toHaveLength(1)
  })

  test('an abort ends one wait alone; the others are served', async () => {
    await put(store, issuer)
    const source = login()
    const stop = new AbortController()
    issuer.answers.push(async () => {
      stop.abort(new Error('enough'))
      await new Promise((resolve) => setTimeout(resolve, 20))
      return { body: { access_token: 'AT-slow', token_type: 'Bearer', refresh_token: 'RT2' } }
    })
    const [gone, served] = await Promise.allSettled([source.getToken({ signal: stop.signal }), source.getToken()])
    expect(gone).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED', cause: { message: 'enough' } } })
    expect(served).toMatchObject({ status: 'fulfilled', value: { accessToken: 'AT-slow' } })
  })

  test('a caller whose signal has fired already is told so, with a token in memory or not', async () => {
    await put(store, issuer)
    const source = login()
    await source.getToken()
    await expect(source.getToken({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('w2: a joiner is not handed the token it refused', async () => {
    await put(store, issuer)
    const source = login()
    const first = await source.getToken()
    const other = sessionAt(issuer, { store: otherProcess(), clock })
    // Caller A of the other process would adopt T1 while caller B of it comes with T1 refused.
    const [, renewed] = await Promise.all([other.getToken(), other.getToken({ rejected: first })])
    expect(renewed.accessToken).toBe('AT2')
    expect(issuer.sent).toHaveLength(2)
  })
})

describe('step 3, the store without its lock', () => {
  test('a token of another process is adopted without asking the issuer', async () => {
    await put(store, issuer)
    await login().getToken()
    const other = sessionAt(issuer, { store: otherProcess(), clock })
    expect((await other.getToken()).accessToken).toBe('AT1')
    expect(issuer.sent).toHaveLength(1)
  })

  test('no login is LOGIN_REQUIRED, with the command and the near misses', async () => {
    await store.update({ issuer: issuer.issuer, clientId: 'other' }, async () => ({ refreshToken: 'x', tokens: {} }))
    const error = await login()
      .getToken()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(String(error)).toContain(`There is no login for client c at ${issuer.issuer}`)
    expect(String(error)).toContain('There is a login for client other at this issuer.')
    expect(String(error)).toContain(`npx @latchkey/cli login ${issuer.issuer} --client-id c`)
    expect(issuer.requests).toEqual([])
  })

  test('w13: a token stored before the one that was refused is not adopted', async () => {
    await put(store, issuer)
    let old: Login | undefined
    // The write of our own file is lost (full disk): the store goes on offering the first token.
    const lagging: TokenStore = {
      ...otherProcess(),
      get: async (key) => lag(await store.get(key)),
      update: async (key, change, options) =>
        lag(await store.update(key, (now, lease) => change(lag(now), lease), options)),
    }
    const lag = (now: Login | undefined): Login | undefined => now && { ...now, tokens: (old ?? now).tokens }
    const source = sessionAt(issuer, { store: lagging, clock })
    const t1 = await source.getToken()
    old = await store.get(keyOf(issuer))
    await clock.advance(20_000)
    const t2 = await source.getToken({ rejected: t1 })
    await clock.advance(20_000)
    const t3 = await source.getToken({ rejected: t2 })
    expect([t1, t2, t3].map((token) => token.accessToken)).toEqual(['AT1', 'AT2', 'AT3'])
  })
})

describe('step 4, under the lock', () => {
  test('sixteen processes are one request', async () => {
    await put(store, issuer)
    const tokens = await Promise.all(
      Array.from({ length: 16 }, () => sessionAt(issuer, { store: otherProcess(), clock }).getToken()),
    )
    expect(new Set(tokens.map((token) => token.accessToken)).size).toBe(1)
    expect(issuer.sent).toHaveLength(1)
  })

  test('w14: a token known to be refused leaves the store even when the renewal then fails', async () => {
    await put(store, issuer)
    const source = login()
    const first = await source.getToken()
    issuer.answers.push({ status: 503 }, { status: 503 })
    await expect(source.getToken({ rejected: first })).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect((await store.get(keyOf(issuer)))?.tokens).toEqual({})
    const other = sessionAt(issuer, { store: otherProcess(), clock })
    await expect(other.getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect((await other.getToken()).accessToken).toBe('AT2')
  })

  test('w9: an access token is invisible with another refresh token', async () => {
    await put(store, issuer)
    await login().getToken()
    issuer.current = 'RT-person-2'
    await put(store, issuer, { refreshToken: 'RT-person-2' })
    const other = sessionAt(issuer, { store: otherProcess(), clock })
    expect((await other.getToken()).accessToken).toBe('AT2')
  })

  test('discovery comes first: an issuer that cannot be found is DISCOVERY_FAILED and takes no lock', async () => {
    await put(store, issuer)
    const gone = sessionAt(issuer, {
      store: { ...otherProcess(), update: () => Promise.reject(new Error('the lock was taken')) },
      clock,
      fetch: () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ENOTFOUND' } })),
    })
    const failure = gone.getToken().catch((error: unknown) => error)
    await clock.advance(250)
    await clock.advance(1_000)
    await clock.advance(1)
    expect(await failure).toMatchObject({ code: 'DISCOVERY_FAILED' })
  })
})

describe('step 5, the answer', () => {
  test('an omitted refresh token keeps the old one', async () => {
    await put(store, issuer)
    issuer.answers.push({ body: { access_token: 'AT', token_type: 'Bearer', expires_in: 60 } })
    await login().getToken()
    expect((await store.get(keyOf(issuer)))?.refreshToken).toBe('RT1')
  })

  test('an answer that fails its checks keeps its refresh token and withholds its access token', async () => {
    await put(store, issuer)
    issuer.answers.push({
      body: { access_token: 'AT', token_type: 'Bearer', refresh_token: 'RT2', id_token: 'not.a.jwt' },
    })
    issuer.current = 'RT2'
    await expect(login().getToken()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
    const stands = await store.get(keyOf(issuer))
    expect(stands).toMatchObject({ refreshToken: 'RT2', tokens: {}, failed: { code: 'RESPONSE_INVALID' } })
    expect((await login().getToken()).accessToken).toBe('AT1')
  })

  test('the refresh token that is stored now is sent, with no scope and no secret in the result', async () => {
    await put(store, issuer, { scope: 'openid read' })
    const token = await login().getToken()
    expect(issuer.sent).toEqual([{ grant_type: 'refresh_token', refresh_token: 'RT1', client_id: 'c' }])
    expect(inspect(token)).not.toContain('AT1')
    expect(JSON.stringify(token)).not.toContain('AT1')
    expect(Object.isFrozen(token)).toBe(true)
  })
})

describe('step 6, the issuer refuses the refresh token', () => {
  const named = [
    ['invalid_grant', refused],
    [
      "INDIGO IAM's 401 invalid_token",
      {
        status: 401,
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        body: { error: 'invalid_token' },
      },
    ],
    [
      'the same in the challenge alone',
      { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
    ],
  ] as const
  test.each(named)('%s marks it and asks for a login', async (_, answer) => {
    await put(store, issuer)
    issuer.answers.push(answer)
    const error = await login()
      .getToken()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(String(error)).toContain('The issuer refused the login')
    expect(await store.get(keyOf(issuer))).toMatchObject({ refreshToken: 'RT1', refused: { times: 1 } })
  })

  test('lico says invalid_request where the token has ended by its own exp', async () => {
    const jwt = (exp: number): string => `e30.${btoa(JSON.stringify({ exp })).replaceAll('=', '')}.x`
    const dead = jwt(clock.now() / 1000 - 1)
    await put(store, issuer, { refreshToken: dead })
    issuer.answers.push({
      status: 400,
      body: { error: 'invalid_request', error_description: 'token is expired by 1s' },
    })
    await expect(login().getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    await put(store, issuer, { refreshToken: jwt(clock.now() / 1000 + 60) })
    issuer.answers.push({ status: 400, body: { error: 'invalid_request' } })
    await expect(login().getToken()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('the mark rests 30 s, 2 min, 10 min, then hourly, and one try in between is one request', async () => {
    await put(store, issuer)
    issuer.current = 'another'
    const source = login()
    for (const [index, rest] of [30_000, 120_000, 600_000, 3_600_000, 3_600_000].entries()) {
      await expect(source.getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
      expect(issuer.sent).toHaveLength(index + 1)
      await clock.advance(rest - 1)
      await expect(source.getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
      expect(issuer.sent).toHaveLength(index + 1)
      await clock.advance(1)
    }
    issuer.current = 'RT1'
    expect((await source.getToken()).accessToken).toBe('AT1')
    expect((await store.get(keyOf(issuer)))?.refused).toBeUndefined()
  })

  test('a token that a writer without a lock stored meanwhile is tried once', async () => {
    await put(store, issuer)
    issuer.answers.push(() => refused)
    issuer.current = 'RT-python'
    const python: TokenStore = {
      ...otherProcess(),
      update: (key, change, options) =>
        store.update(
          key,
          (current, lease) =>
            change(current, {
              spend: (token, variant) => lease.spend(token, variant),
              reread: async () => ({ tokens: {}, refreshToken: 'RT-python' }),
            }),
          options,
        ),
    }
    expect((await sessionAt(issuer, { store: python, clock }).getToken()).accessToken).toBe('AT1')
    expect(issuer.sent.map((form) => form['refresh_token'])).toEqual(['RT1', 'RT-python'])
  })

  test('cached access tokens of other variants stay usable', async () => {
    await put(store, issuer)
    const source = login()
    const narrow = await source.narrow({ scope: 'read' }).getToken()
    issuer.current = 'gone'
    await expect(source.getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    const other = sessionAt(issuer, { store: otherProcess(), clock })
    expect((await other.narrow({ scope: 'read' }).getToken()).accessToken).toBe(narrow.accessToken)
  })
})

describe('step 7, failures that pass', () => {
  const failures = [
    ['a reset', { fault: 'reset' }, 'NETWORK'],
    ['a 500', { status: 500, body: 'oops' }, 'SERVER_ERROR'],
    ['a 429', { status: 429 }, 'SERVER_ERROR'],
    ['a captive portal', { headers: { 'content-type': 'text/html' }, body: '<h1>pay</h1>' }, 'RESPONSE_INVALID'],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }, 'RESPONSE_INVALID'],
    ['an endless body', { fault: 'endless' }, 'RESPONSE_INVALID'],
  ] as const
  test.each(failures)(
    '%s leaves the refresh token and the caller sees the failure as what it is',
    async (_, answer, code) => {
      await put(store, issuer)
      issuer.answers.push(answer)
      await expect(login().getToken()).rejects.toMatchObject({ code })
      expect(await store.get(keyOf(issuer))).toMatchObject({ refreshToken: 'RT1', failed: { code } })
      expect((await login().getToken()).accessToken).toBe('AT1')
      expect((await store.get(keyOf(issuer)))?.failed).toBeUndefined()
    },
  )

  test('sixteen waiters share one failure', async () => {
    await put(store, issuer)
    for (let index = 0; index < 16; index++) issuer.answers.push({ status: 503, delay: 30 })
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, () => sessionAt(issuer, { store: otherProcess(), clock }).getToken()),
    )
    expect(results.every((one) => one.status === 'rejected' && one.reason.code === 'SERVER_ERROR')).toBe(true)
    expect(issuer.sent).toHaveLength(1)
  })

  test('Retry-After is waited out by everybody, for 60 s at most', async () => {
    await put(store, issuer)
    issuer.answers.push({ status: 429, headers: { 'retry-after': '3600' } })
    await expect(login().getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    const other = sessionAt(issuer, { store: otherProcess(), clock })
    await clock.advance(59_999)
    await expect(other.getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    await expect(other.narrow({ scope: 'read' }).getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect(issuer.sent).toHaveLength(1)
    await clock.advance(1)
    expect((await other.getToken()).accessToken).toBe('AT1')
  })

  test('w5: after a timeout nobody sends the same token for 5 s, and the one that timed out waits 5 s more (h4)', async () => {
    await put(store, issuer)
    const source = login()
    issuer.answers.push({ fault: 'silent' })
    const pending = source.getToken().catch((error: unknown) => error)
    while (issuer.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await clock.advance(30_000)
    expect(await pending).toMatchObject({ code: 'TIMEOUT' })
    const other = sessionAt(issuer, { store: otherProcess(), clock })
    await clock.advance(4_999)
    await expect(other.getToken()).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(issuer.sent).toHaveLength(1)
    await clock.advance(1)
    await expect(source.getToken()).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(issuer.sent).toHaveLength(1)
    expect((await other.getToken()).accessToken).toBe('AT1')
    expect((await source.getToken()).accessToken).toBe('AT1')
  })

  test('h3: a failure of one audience does not hold back another', async () => {
    await put(store, issuer)
    const source = login()
    issuer.answers.push({ status: 503, headers: { 'retry-after': '60' } })
    await expect(source.narrow({ audience: 'dead' }).getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect((await source.narrow({ audience: 'alive' }).getToken()).accessToken).toBe('AT1')
  })

  test('h2: a clock set back an hour after a failure locks nobody out', async () => {
    await put(store, issuer)
    issuer.answers.push({ status: 429, headers: { 'retry-after': '30' } })
    await expect(login().getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    clock.setWall(clock.now() - 3_600_000)
    expect((await login().getToken()).accessToken).toBe('AT1')
    await put(store, issuer, {
      refreshToken: issuer.current,
      refused: { at: clock.now() + 3_600_000, code: 'x', times: 9 },
    })
    const other = sessionAt(issuer, { store: otherProcess(), clock })
    expect((await other.getToken()).accessToken).toBe('AT2')
  })

  test('a wrong secret is CONFIG_INVALID, thrown, and shared with nobody', async () => {
    await put(store, issuer)
    issuer.answers.push({
      status: 401,
      headers: { 'www-authenticate': 'Basic' },
      body: { error: 'invalid_client' },
      delay: 20,
    })
    const wrong = sessionAt(issuer, { store, clock, clientSecret: 'wr0ng-secret' })
    const right = sessionAt(issuer, { store, clock, clientSecret: 'right' })
    const [bad, good] = await Promise.allSettled([wrong.getToken(), right.getToken()])
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'CONFIG_INVALID' } })
    expect(inspect(bad, { depth: 9 })).not.toContain('wr0ng')
    expect(good).toMatchObject({ status: 'fulfilled', value: { accessToken: 'AT1' } })
    expect((await store.get(keyOf(issuer)))?.failed).toBeUndefined()
  })
})

describe('step 9, time', () => {
  test('a receipt in the future counts as expired', async () => {
    await put(store, issuer)
    await login().getToken()
    clock.setWall(clock.now() - 60_000)
    const other = sessionAt(issuer, { store: otherProcess(), clock })
    expect((await other.getToken()).accessToken).toBe('AT2')
  })

  test('the monotonic clock ends a token too, where the wall clock was set back', async () => {
    await put(store, issuer)
    const source = login()
    await source.getToken()
    const start = clock.now()
    await clock.advance(3_600_000)
    clock.setWall(start + 1)
    expect((await source.getToken()).accessToken).toBe('AT2')
  })

  test('h5: an API that answers 401 for ever costs one rotation in 10 s over 20 plain calls', async () => {
    await put(store, issuer)
    const source = login()
    for (let call = 0; call < 20; call++) {
      const token = await source.getToken()
      await source
        .getToken({ rejected: token })
        .catch((error: { code: string }) => expect(error.code).toBe('TOKEN_REFUSED'))
      await clock.advance(400)
    }
    expect(issuer.sent).toHaveLength(2)
  })
})

describe('step 10, what came of it', () => {
  test('w7: logged out meanwhile: the successor is revoked quietly and LOGIN_REQUIRED', async () => {
    await put(store, issuer)
    issuer.add({ request: 'POST /revoke', reply: { status: 200 } })
    const cleared: TokenStore = {
      ...otherProcess(),
      update: async (key, change, options) => {
        await store.update(key, change, options)
        await store.update(key, async () => undefined)
        return undefined
      },
    }
    await expect(sessionAt(issuer, { store: cleared, clock }).getToken()).rejects.toMatchObject({
      code: 'LOGIN_REQUIRED',
    })
    expect(issuer.received('/revoke')[0]?.form).toMatchObject({ token: 'RT2' })
  })

  test('somebody else logged in meanwhile: started over with theirs, once', async () => {
    await put(store, issuer)
    let first = true
    const replaced: TokenStore = {
      ...otherProcess(),
      update: async (key, change, options) => {
        const stands = await store.update(key, change, options)
        if (!first) return stands
        first = false
        issuer.current = 'RT-other'
        return store.update(key, async () => ({ refreshToken: 'RT-other', tokens: {} }))
      },
    }
    const token = await sessionAt(issuer, { store: replaced, clock }).getToken()
    expect(token.accessToken).toBe('AT2')
    expect(issuer.sent.map((form) => form['refresh_token'])).toEqual(['RT1', 'RT-other'])
  })
})
