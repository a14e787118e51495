import { inspect } from 'node:util'
import type { Login, TokenStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { keyOf, put, world } from './rotating-issuer.ts'

const here = world()

describe('step 1, a token in memory', () => {
  test('is returned without asking the store or the issuer, as the same promise', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    const first = await source.getToken()
    expect(first).toMatchObject({ accessToken: 'AT1', tokenType: 'Bearer' })
    expect(source.getToken()).toBe(source.getToken())
    expect(await source.getToken()).toBe(first)
    expect(here.issuer.sent).toHaveLength(1)
  })

  test('is renewed once its margin has begun: 30 s, or a tenth of a short life', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    await source.getToken()
    await here.clock.advance(3600_000 - 30_001)
    expect((await source.getToken()).accessToken).toBe('AT1')
    await here.clock.advance(2)
    here.issuer.expiresIn = 10
    expect((await source.getToken()).accessToken).toBe('AT2')
    await here.clock.advance(8_999)
    expect((await source.getToken()).accessToken).toBe('AT2')
    await here.clock.advance(2)
    expect((await source.getToken()).accessToken).toBe('AT3')
  })

  test('is renewed for a caller that needs it longer than it lives', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    await source.getToken()
    expect((await source.getToken({ minValid: 3_500_000 })).accessToken).toBe('AT1')
    expect((await source.getToken({ minValid: 3_590_000 })).accessToken).toBe('AT2')
  })

  test('without expires_in is used until it is refused', async () => {
    await put(here.store, here.issuer)
    here.issuer.expiresIn = undefined
    const source = here.login()
    const first = await source.getToken()
    await here.clock.advance(30 * 24 * 3600_000)
    expect(await source.getToken()).toBe(first)
    expect((await source.getToken({ rejected: first })).accessToken).toBe('AT2')
  })
})

describe('step 2, a renewal in flight', () => {
  test('is joined by everybody: 1,000 callers are one request', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => source.getToken()))
    expect(new Set(tokens.map((token) => token.accessToken))).toEqual(new Set(['AT1']))
    expect(here.issuer.sent).toHaveLength(1)
  })

  test('is joined by another session of this process over the same store', async () => {
    await put(here.store, here.issuer)
    await Promise.all([here.login().getToken(), here.login().getToken()])
    expect(here.issuer.sent).toHaveLength(1)
  })

  test('an abort ends one wait alone; the others are served', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    const stop = new AbortController()
    here.issuer.answers.push(async () => {
      stop.abort(new Error('enough'))
      await new Promise((resolve) => setTimeout(resolve, 20))
      return { body: { access_token: 'AT-slow', token_type: 'Bearer', refresh_token: 'RT2' } }
    })
    const [gone, served] = await Promise.allSettled([source.getToken({ signal: stop.signal }), source.getToken()])
    expect(gone).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED', cause: { message: 'enough' } } })
    expect(served).toMatchObject({ status: 'fulfilled', value: { accessToken: 'AT-slow' } })
  })

  test('a caller whose signal has fired already is told so, with a token in memory or not', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    await source.getToken()
    await expect(source.getToken({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('w2: a joiner is not handed the token it refused', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    const first = await source.getToken()
    const other = here.login({ store: here.otherProcess() })
    // Caller A of the other process would adopt T1 while caller B of it comes with T1 refused.
    const [, renewed] = await Promise.all([other.getToken(), other.getToken({ rejected: first })])
    expect(renewed.accessToken).toBe('AT2')
    expect(here.issuer.sent).toHaveLength(2)
  })
})

describe('step 3, the store without its lock', () => {
  test('a token of another process is adopted without asking the issuer', async () => {
    await put(here.store, here.issuer)
    await here.login().getToken()
    const other = here.login({ store: here.otherProcess() })
    expect((await other.getToken()).accessToken).toBe('AT1')
    expect(here.issuer.sent).toHaveLength(1)
  })

  test('an adopted token lives its own life, not that of the one held before', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    await source.getToken()
    await here.clock.advance(3_600_000)
    await here.login({ store: here.otherProcess() }).getToken()
    expect((await source.getToken()).accessToken).toBe('AT2')
    await here.clock.advance(1_000_000)
    expect((await source.getToken()).accessToken).toBe('AT2')
    expect(here.issuer.sent).toHaveLength(2)
  })

  test('no login is LOGIN_REQUIRED, with the command and the near misses', async () => {
    await here.store.update({ issuer: here.issuer.issuer, clientId: 'other' }, async () => ({
      refreshToken: 'x',
      tokens: {},
    }))
    const error = await here
      .login()
      .getToken()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(String(error)).toContain(`There is no login for client c at ${here.issuer.issuer}`)
    expect(String(error)).toContain('There is a login for client other at this issuer.')
    expect(String(error)).toContain(`npx @latchkey/cli login ${here.issuer.issuer} --client-id c`)
    expect(here.issuer.requests).toEqual([])
  })

  test('w13: a token stored before the one that was refused is not adopted', async () => {
    await put(here.store, here.issuer)
    let old: Login | undefined
    // The write of our own file is lost (full disk): the store goes on offering the first token.
    const lagging: TokenStore = {
      ...here.otherProcess(),
      get: async (key) => lag(await here.store.get(key)),
      update: async (key, change, options) =>
        lag(await here.store.update(key, (now, lease) => change(lag(now), lease), options)),
    }
    const lag = (now: Login | undefined): Login | undefined => now && { ...now, tokens: (old ?? now).tokens }
    const source = here.login({ store: lagging })
    const t1 = await source.getToken()
    old = await here.store.get(keyOf(here.issuer))
    await here.clock.advance(20_000)
    const t2 = await source.getToken({ rejected: t1 })
    await here.clock.advance(20_000)
    const t3 = await source.getToken({ rejected: t2 })
    expect([t1, t2, t3].map((token) => token.accessToken)).toEqual(['AT1', 'AT2', 'AT3'])
  })
})

describe('step 4, under the lock', () => {
  test('sixteen processes are one request', async () => {
    await put(here.store, here.issuer)
    const tokens = await Promise.all(
      Array.from({ length: 16 }, () => here.login({ store: here.otherProcess() }).getToken()),
    )
    expect(new Set(tokens.map((token) => token.accessToken)).size).toBe(1)
    expect(here.issuer.sent).toHaveLength(1)
  })

  test('w14: a token known to be refused leaves the store even when the renewal then fails', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    const first = await source.getToken()
    here.issuer.answers.push({ status: 503 }, { status: 503 })
    await expect(source.getToken({ rejected: first })).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect((await here.store.get(keyOf(here.issuer)))?.tokens).toEqual({})
    const other = here.login({ store: here.otherProcess() })
    await expect(other.getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect((await other.getToken()).accessToken).toBe('AT2')
  })

  test('w9: an access token is invisible with another refresh token', async () => {
    await put(here.store, here.issuer)
    await here.login().getToken()
    here.issuer.current = 'RT-person-2'
    await put(here.store, here.issuer, { refreshToken: 'RT-person-2' })
    const other = here.login({ store: here.otherProcess() })
    expect((await other.getToken()).accessToken).toBe('AT2')
  })

  test('discovery comes first: an issuer that cannot be found is DISCOVERY_FAILED and takes no lock', async () => {
    await put(here.store, here.issuer)
    const gone = here.login({
      store: { ...here.otherProcess(), update: () => Promise.reject(new Error('the lock was taken')) },
      fetch: () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ENOTFOUND' } })),
    })
    const failure = gone.getToken().catch((error: unknown) => error)
    await here.clock.advance(250)
    await here.clock.advance(1_000)
    await here.clock.advance(1)
    expect(await failure).toMatchObject({ code: 'DISCOVERY_FAILED' })
  })
})

describe('step 5, the answer', () => {
  test('an omitted refresh token keeps the old one', async () => {
    await put(here.store, here.issuer)
    here.issuer.answers.push({ body: { access_token: 'AT', token_type: 'Bearer', expires_in: 60 } })
    await here.login().getToken()
    expect((await here.store.get(keyOf(here.issuer)))?.refreshToken).toBe('RT1')
  })

  test('an answer that fails its checks keeps its refresh token and withholds its access token', async () => {
    await put(here.store, here.issuer)
    here.issuer.answers.push({
      body: { access_token: 'AT', token_type: 'Bearer', refresh_token: 'RT2', id_token: 'not.a.jwt' },
    })
    here.issuer.current = 'RT2'
    await expect(here.login().getToken()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
    const stands = await here.store.get(keyOf(here.issuer))
    expect(stands).toMatchObject({ refreshToken: 'RT2', tokens: {}, failed: { code: 'RESPONSE_INVALID' } })
    expect((await here.login().getToken()).accessToken).toBe('AT1')
  })

  test('the refresh token that is stored now is sent, with no scope and no secret in the result', async () => {
    await put(here.store, here.issuer, { scope: 'openid read' })
    const token = await here.login().getToken()
    expect(here.issuer.sent).toEqual([{ grant_type: 'refresh_token', refresh_token: 'RT1', client_id: 'c' }])
    expect(inspect(token)).not.toContain('AT1')
    expect(JSON.stringify(token)).not.toContain('AT1')
    expect(Object.isFrozen(token)).toBe(true)
  })
})
