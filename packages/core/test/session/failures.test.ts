import { inspect } from 'node:util'
import type { TokenStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { keyOf, put, refused, until, world } from './rotating-issuer.ts'

const here = world()

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
    await put(here.store, here.issuer)
    here.issuer.answers.push(answer)
    const error = await here
      .login()
      .getToken()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(String(error)).toContain('The issuer refused the login')
    expect(await here.store.get(keyOf(here.issuer))).toMatchObject({ refreshToken: 'RT1', refused: { times: 1 } })
  })

  test('the message tells what the issuer said, in the process that asked and in those that read the mark, without the token', async () => {
    const refreshToken = 'a-refresh-token-of-some-length'
    await put(here.store, here.issuer, { refreshToken })
    const said = `User disabled, says ${refreshToken}\u001b[2J`
    here.issuer.answers.push({ status: 400, body: { error: 'invalid_grant', error_description: said } })
    const told = '(invalid_grant: User disabled, says'
    const source = here.login()
    for (const _ of [1, 2]) {
      const error = await source.getToken().catch((thrown: unknown) => thrown)
      expect(String(error)).toContain(told)
      expect(String(error)).not.toMatch(/a-refresh-token|\u001b/)
    }
  })

  test('lico says invalid_request where the token has ended by its own exp', async () => {
    const jwt = (exp: number): string => `e30.${btoa(JSON.stringify({ exp })).replaceAll('=', '')}.x`
    const dead = jwt(here.clock.now() / 1000 - 1)
    await put(here.store, here.issuer, { refreshToken: dead })
    here.issuer.answers.push({
      status: 400,
      body: { error: 'invalid_request', error_description: 'token is expired by 1s' },
    })
    await expect(here.login().getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    await put(here.store, here.issuer, { refreshToken: jwt(here.clock.now() / 1000 + 60) })
    here.issuer.answers.push({ status: 400, body: { error: 'invalid_request' } })
    await expect(here.login().getToken()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('the mark rests 30 s, 2 min, 10 min, then hourly, and one try in between is one request', async () => {
    await put(here.store, here.issuer)
    here.issuer.current = 'another'
    const source = here.login()
    for (const [index, rest] of [30_000, 120_000, 600_000, 3_600_000, 3_600_000].entries()) {
      await expect(source.getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
      expect(here.issuer.sent).toHaveLength(index + 1)
      await here.clock.advance(rest - 1)
      await expect(source.getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
      expect(here.issuer.sent).toHaveLength(index + 1)
      await here.clock.advance(1)
    }
    here.issuer.current = 'RT1'
    expect((await source.getToken()).accessToken).toBe('AT1')
    expect((await here.store.get(keyOf(here.issuer)))?.refused).toBeUndefined()
  })

  test('a token that a writer without a lock stored meanwhile is tried once', async () => {
    await put(here.store, here.issuer)
    here.issuer.answers.push(() => refused)
    here.issuer.current = 'RT-python'
    const python: TokenStore = {
      ...here.otherProcess(),
      update: (key, change, options) =>
        here.store.update(
          key,
          (current, lease) =>
            change(current, {
              spend: (token, variant) => lease.spend(token, variant),
              reread: async () => ({ tokens: {}, refreshToken: 'RT-python' }),
            }),
          options,
        ),
    }
    expect((await here.login({ store: python }).getToken()).accessToken).toBe('AT1')
    expect(here.issuer.sent.map((form) => form['refresh_token'])).toEqual(['RT1', 'RT-python'])
  })

  test('cached access tokens of other variants stay usable', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    const narrow = await source.narrow({ scope: 'read' }).getToken()
    here.issuer.current = 'gone'
    await expect(source.getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    const other = here.login({ store: here.otherProcess() })
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
      await put(here.store, here.issuer)
      here.issuer.answers.push(answer)
      await expect(here.login().getToken()).rejects.toMatchObject({ code })
      expect(await here.store.get(keyOf(here.issuer))).toMatchObject({ refreshToken: 'RT1', failed: { code } })
      expect((await here.login().getToken()).accessToken).toBe('AT1')
      expect((await here.store.get(keyOf(here.issuer)))?.failed).toBeUndefined()
    },
  )

  test('sixteen waiters share one failure', async () => {
    await put(here.store, here.issuer)
    for (let index = 0; index < 16; index++) here.issuer.answers.push({ status: 503, delay: 30 })
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, () => here.login({ store: here.otherProcess() }).getToken()),
    )
    expect(results.every((one) => one.status === 'rejected' && one.reason.code === 'SERVER_ERROR')).toBe(true)
    expect(here.issuer.sent).toHaveLength(1)
  })

  test('Retry-After is waited out by everybody, for 60 s at most', async () => {
    await put(here.store, here.issuer)
    here.issuer.answers.push({ status: 429, headers: { 'retry-after': '3600' } })
    await expect(here.login().getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    const other = here.login({ store: here.otherProcess() })
    await here.clock.advance(59_999)
    await expect(other.getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    await expect(other.narrow({ scope: 'read' }).getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect(here.issuer.sent).toHaveLength(1)
    await here.clock.advance(1)
    expect((await other.getToken()).accessToken).toBe('AT1')
  })

  test('w5: after a timeout nobody sends the same token for 5 s, and the one that timed out waits 5 s more (h4)', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    here.issuer.answers.push({ fault: 'silent' })
    const pending = source.getToken().catch((error: unknown) => error)
    await until(() => here.issuer.sent.length > 0)
    await here.clock.advance(30_000)
    expect(await pending).toMatchObject({ code: 'TIMEOUT' })
    const other = here.login({ store: here.otherProcess() })
    await here.clock.advance(4_999)
    await expect(other.getToken()).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(here.issuer.sent).toHaveLength(1)
    await here.clock.advance(1)
    await expect(source.getToken()).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(here.issuer.sent).toHaveLength(1)
    expect((await other.getToken()).accessToken).toBe('AT1')
    expect((await source.getToken()).accessToken).toBe('AT1')
  })

  test('h3: a failure of one audience does not hold back another', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    here.issuer.answers.push({ status: 503, headers: { 'retry-after': '60' } })
    await expect(source.narrow({ audience: 'dead' }).getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect((await source.narrow({ audience: 'alive' }).getToken()).accessToken).toBe('AT1')
  })

  test('h2: a clock set back an hour after a failure locks nobody out', async () => {
    await put(here.store, here.issuer)
    here.issuer.answers.push({ status: 429, headers: { 'retry-after': '30' } })
    await expect(here.login().getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    here.clock.setWall(here.clock.now() - 3_600_000)
    expect((await here.login().getToken()).accessToken).toBe('AT1')
    await put(here.store, here.issuer, {
      refreshToken: here.issuer.current,
      refused: { at: here.clock.now() + 3_600_000, code: 'x', times: 9 },
    })
    const other = here.login({ store: here.otherProcess() })
    expect((await other.getToken()).accessToken).toBe('AT2')
  })

  test('a wrong secret is CONFIG_INVALID, thrown, and shared with nobody', async () => {
    await put(here.store, here.issuer)
    here.issuer.answers.push({
      status: 401,
      headers: { 'www-authenticate': 'Basic' },
      body: { error: 'invalid_client' },
      delay: 20,
    })
    const wrong = here.login({ clientSecret: 'wr0ng-secret' })
    const right = here.login({ clientSecret: 'right' })
    const [bad, good] = await Promise.allSettled([wrong.getToken(), right.getToken()])
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'CONFIG_INVALID' } })
    expect(inspect(bad, { depth: 9 })).not.toContain('wr0ng')
    expect(good).toMatchObject({ status: 'fulfilled', value: { accessToken: 'AT1' } })
    expect((await here.store.get(keyOf(here.issuer)))?.failed).toBeUndefined()
  })
})

describe('step 9, time', () => {
  test('a receipt in the future counts as expired', async () => {
    await put(here.store, here.issuer)
    await here.login().getToken()
    here.clock.setWall(here.clock.now() - 60_000)
    const other = here.login({ store: here.otherProcess() })
    expect((await other.getToken()).accessToken).toBe('AT2')
  })

  test('the monotonic clock ends a token too, where the wall clock was set back', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    await source.getToken()
    const start = here.clock.now()
    await here.clock.advance(3_600_000)
    here.clock.setWall(start + 1)
    expect((await source.getToken()).accessToken).toBe('AT2')
  })

  test('h5: an API that answers 401 for ever costs one rotation in 10 s over 20 plain calls', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    for (let call = 0; call < 20; call++) {
      const token = await source.getToken()
      await source
        .getToken({ rejected: token })
        .catch((error: { code: string }) => expect(error.code).toBe('TOKEN_REFUSED'))
      await here.clock.advance(400)
    }
    expect(here.issuer.sent).toHaveLength(2)
  })
})

describe('step 10, what came of it', () => {
  test('w7: logged out meanwhile: the successor is revoked quietly and LOGIN_REQUIRED', async () => {
    await put(here.store, here.issuer)
    here.issuer.add({ request: 'POST /revoke', reply: { status: 200 } })
    const cleared: TokenStore = {
      ...here.otherProcess(),
      update: async (key, change, options) => {
        await here.store.update(key, change, options)
        await here.store.update(key, async () => undefined)
        return undefined
      },
    }
    await expect(here.login({ store: cleared }).getToken()).rejects.toMatchObject({
      code: 'LOGIN_REQUIRED',
    })
    expect(here.issuer.received('/revoke')[0]?.form).toMatchObject({ token: 'RT2' })
  })

  test('somebody else logged in meanwhile: started over with theirs, once', async () => {
    await put(here.store, here.issuer)
    let first = true
    const replaced: TokenStore = {
      ...here.otherProcess(),
      update: async (key, change, options) => {
        const stands = await here.store.update(key, change, options)
        if (!first) return stands
        first = false
        here.issuer.current = 'RT-other'
        return here.store.update(key, async () => ({ refreshToken: 'RT-other', tokens: {} }))
      },
    }
    const token = await here.login({ store: replaced }).getToken()
    expect(token.accessToken).toBe('AT2')
    expect(here.issuer.sent.map((form) => form['refresh_token'])).toEqual(['RT1', 'RT-other'])
  })
})
