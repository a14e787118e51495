import { inspect } from 'node:util'
import { AuthError, cached, client, type Grant, type TokenSet } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { keyOf, put, refused, until, world } from './rotating-issuer.ts'

const here = world()

const bearerSet = (accessToken: string, more: Partial<TokenSet> = {}): TokenSet => ({
  token: { accessToken, tokenType: 'Bearer', expiresAt: here.clock.now() + 3_600_000 },
  ...more,
})

describe('step 8, a person logs in', () => {
  const personal = (answer: () => Promise<TokenSet>): { login: () => Grant; prompts: () => number } => {
    let prompts = 0
    const grant: Grant = async () => {
      prompts += 1
      return answer()
    }
    return { login: () => grant, prompts: () => prompts }
  }

  test('eight processes without a login prompt once, and all are served', async () => {
    const { login, prompts } = personal(async () => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return bearerSet('AT-person', { refreshToken: 'RT-person' })
    })
    const tokens = await Promise.all(
      Array.from({ length: 8 }, () => here.login({ store: here.otherProcess(), login }).getToken()),
    )
    expect(new Set(tokens.map((token) => token.accessToken))).toEqual(new Set(['AT-person']))
    expect(prompts()).toBe(1)
  })

  test('does not run while a refresh can help, nor for trouble with the network', async () => {
    const { login, prompts } = personal(async () => bearerSet('AT-person'))
    await put(here.store, here.issuer)
    here.issuer.answers.push({ status: 503 })
    const source = here.login({ login })
    await expect(source.getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect((await source.getToken()).accessToken).toBe('AT1')
    expect(prompts()).toBe(0)
  })

  test('runs when the issuer refuses the refresh token', async () => {
    const { login, prompts } = personal(async () => bearerSet('AT-person', { refreshToken: 'RT-person' }))
    await put(here.store, here.issuer)
    here.issuer.answers.push(refused)
    expect((await here.login({ login }).getToken()).accessToken).toBe('AT-person')
    expect(prompts()).toBe(1)
    expect(await here.store.get(keyOf(here.issuer))).toMatchObject({ refreshToken: 'RT-person' })
  })

  test('its failure is the caller’s, and the next call may prompt again', async () => {
    let attempt = 0
    const { login } = personal(async () => {
      if (++attempt === 1) throw Object.assign(new Error('closed the window'))
      return bearerSet('AT-person')
    })
    const source = here.login({ login })
    await expect(source.getToken()).rejects.toThrow('closed the window')
    expect((await source.getToken()).accessToken).toBe('AT-person')
  })

  test('a prompt that nobody waits for any more is told so', async () => {
    const stop = new AbortController()
    let told: AbortSignal | undefined
    const grant: Grant = ({ signal } = {}) => {
      told = signal
      stop.abort()
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    }
    const source = here.login({ login: () => grant })
    await expect(source.getToken({ signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(told?.aborted).toBe(true)
  })

  test('a forgotten prompt does not hold up a login made elsewhere, and adopts it', async () => {
    const forgotten: Grant = ({ signal } = {}) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    let begun = false
    const first = here.login({
      store: here.otherProcess(),
      login: () => (options) => {
        begun = true
        return forgotten(options)
      },
    })
    void first.getToken().catch(() => undefined)
    await until(() => begun)
    const waiting = here.login({ store: here.otherProcess(), login: () => forgotten }).getToken()
    const second = here.login({ store: here.otherProcess() })
    await second.login({ grant: async () => bearerSet('AT-second', { refreshToken: 'RT-second' }) })
    expect((await second.getToken()).accessToken).toBe('AT-second')
    expect((await waiting).accessToken).toBe('AT-second')
  })

  test('a step-up runs the login with what the API asked for, without a login is UNSUPPORTED, and with one that fails STEP_UP_REQUIRED', async () => {
    const asked: unknown[] = []
    const grant: Grant = async ({ stepUp } = {}) => {
      asked.push(stepUp)
      return bearerSet('AT-strong', { refreshToken: 'RT-strong' })
    }
    await put(here.store, here.issuer)
    const source = here.login({ login: () => grant })
    expect((await source.getToken({ stepUp: { acrValues: 'mfa' } })).accessToken).toBe('AT-strong')
    expect(asked).toEqual([{ acrValues: 'mfa' }])
    expect((await source.getToken()).accessToken).toBe('AT-strong')
    await expect(here.login().getToken({ stepUp: { maxAge: 60 } })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    const no: Grant = async () => Promise.reject(new AuthError('LOGIN_DENIED', 'The person said no.'))
    await expect(here.login({ login: () => no }).getToken({ stepUp: { maxAge: 60 } })).rejects.toMatchObject({
      code: 'STEP_UP_REQUIRED',
      stepUp: { maxAge: 60 },
      cause: { code: 'LOGIN_DENIED' },
    })
  })
})

describe('a machine’s grant', () => {
  test('runs under the lock in place of a refresh: sixteen processes are one exchange', async () => {
    let runs = 0
    const renew = (): Grant => async () => {
      runs += 1
      await new Promise((resolve) => setTimeout(resolve, 20))
      return bearerSet(`AT-machine-${runs}`)
    }
    const all = Array.from({ length: 16 }, () => here.login({ store: here.otherProcess(), renew }))
    const tokens = await Promise.all(all.map((source) => source.getToken()))
    expect(new Set(tokens.map((token) => token.accessToken))).toEqual(new Set(['AT-machine-1']))
    await here.clock.advance(3_600_000)
    expect((await all[0]?.getToken())?.accessToken).toBe('AT-machine-2')
    expect(runs).toBe(2)
  })

  test('shares its failure like a refresh, and one that hangs ends after 30 s', async () => {
    let begun = false
    const renew = (): Grant => () => {
      begun = true
      return new Promise(() => undefined)
    }
    const source = here.login({ renew })
    const failure = source.getToken().catch((error: unknown) => error)
    await until(() => begun)
    await here.clock.advance(30_000)
    expect(await failure).toMatchObject({ code: 'TIMEOUT' })
  })
})

describe('narrow', () => {
  test('asks for its own scope, audience and resource, and keeps the tokens apart', async () => {
    await put(here.store, here.issuer, { scope: 'openid read write' })
    const source = here.login({ scope: 'openid read write' })
    const narrow = source.narrow({ scope: 'read', audience: ['b', 'a'], resource: 'https://api.example/' })
    expect((await narrow.getToken()).accessToken).toBe('AT1')
    expect((await source.getToken()).accessToken).toBe('AT2')
    expect((await narrow.getToken()).accessToken).toBe('AT1')
    expect(here.issuer.sent[0]).toMatchObject({ scope: 'read', resource: 'https://api.example/', refresh_token: 'RT1' })
    expect(here.issuer.sent[1]).not.toHaveProperty('scope')
  })

  test('to the login’s own scope is the login itself', async () => {
    await put(here.store, here.issuer)
    const source = here.login({ scope: 'read openid' })
    await source.getToken()
    expect((await source.narrow({ scope: 'openid read' }).getToken()).accessToken).toBe('AT1')
  })
})

describe('logout', () => {
  test('revokes, removes, and says that the issuer confirmed', async () => {
    await put(here.store, here.issuer)
    here.issuer.add({
      request: 'POST /revoke',
      form: { token: 'RT1', token_type_hint: 'refresh_token' },
      reply: { status: 200 },
    })
    const source = here.login()
    expect(await source.logout()).toEqual({ removed: true, confirmed: true })
    expect(await here.store.get(keyOf(here.issuer))).toBeUndefined()
    await expect(source.getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(await source.logout()).toEqual({ removed: false, confirmed: false })
  })

  const unconfirmed = [
    ['503', { status: 503 }, 'SERVER_ERROR'],
    ["INDIGO IAM's 302", { status: 302, headers: { location: '/' } }, 'RESPONSE_INVALID'],
    ["a client's wrong proof", { status: 401, body: { error: 'invalid_client' } }, 'CONFIG_INVALID'],
    ['a reset', { fault: 'reset' }, 'NETWORK'],
  ] as const
  test.each(unconfirmed)('removes the login all the same after %s', async (_, reply, code) => {
    await put(here.store, here.issuer)
    here.issuer.add({ request: 'POST /revoke', reply })
    const result = await here.login().logout()
    expect(result).toMatchObject({ removed: true, confirmed: false })
    expect(result.reason?.code).toBe(code)
    expect(await here.store.get(keyOf(here.issuer))).toBeUndefined()
  })

  test('keeps the login for a reason that the caller names, and tells what the issuer said', async () => {
    await put(here.store, here.issuer)
    const reply = { status: 401, body: { error: 'invalid_client', error_description: 'No secret' } }
    here.issuer.add({ request: 'POST /revoke', reply, times: 2 })
    const source = here.login()
    const { removed, confirmed, reason } = await source.logout({ keep: ({ code }) => code === 'CONFIG_INVALID' })
    expect([removed, confirmed]).toEqual([false, false])
    expect(reason).toMatchObject({ refusal: { status: 401, error: 'invalid_client' } })
    expect(reason?.message).toContain('The revocation failed at')
    expect(await here.store.get(keyOf(here.issuer))).toMatchObject({ refreshToken: 'RT1' })
    expect(await source.logout({ keep: ({ code }) => code === 'NETWORK' })).toMatchObject({ removed: true })
    expect(await here.store.get(keyOf(here.issuer))).toBeUndefined()
  })

  test('forgets the token in memory too', async () => {
    await put(here.store, here.issuer)
    here.issuer.add({ request: 'POST /revoke', reply: { status: 200 } })
    const source = here.login()
    await source.getToken()
    await source.logout()
    await expect(source.getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  })
})

describe('cached', () => {
  test('runs its grant once for a thousand callers, and again when the token has ended', async () => {
    let runs = 0
    const source = cached(async () => bearerSet(`AT-${++runs}`), { clock: here.clock })
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => source.getToken()))
    expect(new Set(tokens.map((token) => token.accessToken))).toEqual(new Set(['AT-1']))
    await here.clock.advance(3_600_000)
    expect((await source.getToken()).accessToken).toBe('AT-2')
  })

  test('renews for a refused token, and refuses a storm', async () => {
    let runs = 0
    const source = cached(async () => bearerSet(`AT-${++runs}`), { clock: here.clock })
    const first = await source.getToken()
    const second = await source.getToken({ rejected: first })
    expect(second.accessToken).toBe('AT-2')
    await expect(source.getToken({ rejected: second })).rejects.toMatchObject({ code: 'TOKEN_REFUSED' })
    expect((await source.getToken()).accessToken).toBe('AT-2')
    await here.clock.advance(10_000)
    expect((await source.getToken({ rejected: second })).accessToken).toBe('AT-3')
  })
})

test('a client shows no secret, however it is printed', () => {
  const made = client({ issuer: here.issuer.issuer, clientId: 'c', clientSecret: 'planted-secret' })
  const secret = here.login({ clientSecret: 'planted-secret' })
  expect(inspect([made, secret], { depth: 12, showHidden: true })).not.toContain('planted-secret')
  expect(JSON.stringify(secret)).not.toContain('planted-secret')
})
