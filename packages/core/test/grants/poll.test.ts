import type { Reply } from '@latchkey/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'
import { type DrivenLogin, drivenLogin, granted, pending } from './driven.ts'

let at: DrivenLogin
afterEach(async () => {
  expect(at.issuer.unexpected).toEqual([])
  await at.issuer.close()
})

const login = async (device: object, ...polls: readonly Reply[]): Promise<DrivenLogin> => {
  at = await drivenLogin(device, ...polls)
  return at
}
const refusal = (error: string, more: object = {}): Reply => ({ status: 400, body: { error, ...more } })
const slowDown = refusal('slow_down')

describe('RFC 8628, polling', () => {
  test('waits an interval before each poll, and sends the code each time', async () => {
    await login({}, pending, pending, granted)
    expect((await at.run()).refreshToken).toBe('RT')
    expect(at.pauses).toEqual([5, 5, 5])
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'DC-secret',
      client_id: 'c',
    }
    expect(at.polls).toEqual([form, form, form])
  })

  test.each([
    [undefined, 5],
    [null, 5],
    ['5', 5],
    ['abc', 5],
    ['', 5],
    [-1, 5],
    [{}, 5],
    [0, 1],
    [0.2, 1],
    [7, 7],
    [1e12, 60],
  ])('an interval of %j is %i s', async (interval, seconds) => {
    await login({ interval }, granted)
    await at.run()
    expect(at.pauses).toEqual([seconds])
  })

  test('has a first poll before the code ends, whatever the interval', async () => {
    await login({ interval: 30, expires_in: 20 }, granted)
    await at.run()
    expect(at.pauses).toEqual([19])
  })

  test('slow_down adds 5 s for good, each time', async () => {
    await login({}, slowDown, pending, slowDown, pending, granted)
    await at.run()
    expect(at.pauses).toEqual([5, 10, 10, 15, 15])
  })

  test('slow_down goes on adding beyond a minute', async () => {
    await login({ interval: 50, expires_in: 3600 }, slowDown, slowDown, slowDown, granted)
    await at.run()
    expect(at.pauses).toEqual([50, 55, 60, 65])
  })

  test('slow_down may name an interval: the larger counts, a senseless one does not', async () => {
    const named = [30, 1, 'x', 1e12].map((interval) => refusal('slow_down', { interval }))
    await login({}, ...named, granted)
    await at.run()
    expect(at.pauses).toEqual([5, 30, 35, 40, 45])
  })

  test('429 is slow_down, and its Retry-After holds for one pause', async () => {
    const many = { status: 429, headers: { 'retry-after': '30' }, body: 'slow' }
    await login({}, many, pending, granted)
    await at.run()
    expect(at.pauses).toEqual([5, 30, 10])
  })

  test.each<[string, Reply]>([
    ['a connection that breaks', { fault: 'reset' }],
    ['502', { status: 502, body: '<html>' }],
    ['a server_error', refusal('server_error')],
  ])('%s doubles the pause, at most eightfold and a minute, and all is well again afterwards', async (_, fault) => {
    await login({}, fault, fault, fault, fault, pending, granted)
    await at.run()
    expect(at.pauses).toEqual([5, 10, 20, 40, 40, 5])
  })

  test('503 with Retry-After waits as long, a minute at most', async () => {
    const busy = (seconds: string): Reply => ({ status: 503, headers: { 'retry-after': seconds } })
    await login({}, busy('25'), busy('7200'), granted)
    await at.run()
    expect(at.pauses).toEqual([5, 25, 60])
  })

  test('a poll that gets no answer is given up and made again', async () => {
    await login({}, { fault: 'silent' }, granted)
    const work = at.run()
    while (at.polls.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await at.clock.advance(77_777)
    expect((await work).token.accessToken).toBe('AT')
    expect(at.pauses).toEqual([5, 10])
  })
})

describe('RFC 8628, the end of a code', () => {
  test.each([
    [600, 5, 119],
    [60, 1, 59],
    ['60', 30, 1],
    [1e12, 60, 59],
    [undefined, 60, 9],
    [-1, 60, 9],
  ])('authorization_pending for ever, of %j s every %i s, is %i polls', async (lifetime, interval, polls) => {
    await login({ expires_in: lifetime, interval }, pending)
    const error = await thrown(at.run())
    expect(error.code).toBe('LOGIN_EXPIRED')
    expect(error.message).toContain(`not approved in time at ${at.issuer.issuer}. Start the login again.`)
    expect(at.polls).toHaveLength(polls)
  })

  test('0 s is at once: nothing is polled', async () => {
    await login({ expires_in: 0 }, pending)
    expect(await thrown(at.run())).toMatchObject({ code: 'LOGIN_EXPIRED' })
    expect(at.polls).toEqual([])
  })

  test('network trouble until then is LOGIN_EXPIRED too', async () => {
    await login({}, { fault: 'reset' })
    expect(await thrown(at.run())).toMatchObject({ code: 'LOGIN_EXPIRED' })
    expect(at.polls.length).toBeLessThan(20)
  })

  test('a clock that is set does not move it', async () => {
    await login({ expires_in: 20 }, pending)
    at.clock.setWall(0)
    expect(await thrown(at.run())).toMatchObject({ code: 'LOGIN_EXPIRED' })
    expect(at.polls).toHaveLength(3)
  })
})

describe('RFC 8628, a refusal', () => {
  const denied = '{"error":"access_denied"}'
  test.each<[string, Reply, string]>([
    ['access_denied', refusal('access_denied'), 'LOGIN_DENIED'],
    [
      'access_denied as text/plain',
      { status: 400, headers: { 'content-type': 'text/plain' }, body: denied },
      'LOGIN_DENIED',
    ],
    ['access_denied with 403', { status: 403, body: denied }, 'LOGIN_DENIED'],
    ['access_denied with 200', { status: 200, body: denied }, 'LOGIN_DENIED'],
    ['expired_token', refusal('expired_token'), 'LOGIN_EXPIRED'],
    ['invalid_grant, as INDIGO IAM says the second time', refusal('invalid_grant'), 'LOGIN_EXPIRED'],
    ['invalid_client', { status: 401, body: { error: 'invalid_client' } }, 'CONFIG_INVALID'],
    ['unauthorized_client', refusal('unauthorized_client'), 'CONFIG_INVALID'],
    ['an unknown error', refusal('teapot'), 'RESPONSE_INVALID'],
    ['a page that blocks', { status: 403, body: '<html>' }, 'RESPONSE_INVALID'],
    ['a page in place of the answer', { status: 200, body: '<html>' }, 'RESPONSE_INVALID'],
  ])('%s ends the login at once', async (_, reply, code) => {
    await login({}, pending, reply)
    expect(await thrown(at.run())).toMatchObject({ code })
    expect(at.polls).toHaveLength(2)
  })

  test.each<[string, Reply]>([
    [
      'as text/plain',
      { status: 400, headers: { 'content-type': 'text/plain' }, body: '{"error":"authorization_pending"}' },
    ],
    ['with 200, as GitHub has it', { status: 200, body: { error: 'authorization_pending' } }],
    ['with 428, as Google has it', { status: 428, body: { error: 'authorization_pending' } }],
    [
      'with 401 and a challenge',
      { status: 401, headers: { 'www-authenticate': 'Bearer' }, body: { error: 'authorization_pending' } },
    ],
    [
      'in the challenge alone',
      { status: 401, headers: { 'www-authenticate': 'Bearer error="authorization_pending"' } },
    ],
    ['with 500', { status: 500, body: { error: 'authorization_pending' } }],
    [
      "as INDIGO IAM's, with the code in it",
      refusal('authorization_pending', { error_description: 'Authorization pending for code: DC-secret' }),
    ],
  ])('authorization_pending %s is none', async (_, reply) => {
    await login({}, reply, reply, granted)
    await at.run()
    expect(at.pauses).toEqual([5, 5, 5])
  })
})

describe('an abort', () => {
  test('during a pause ends the login, and nothing more is asked', async () => {
    await login({}, pending)
    const controller = new AbortController()
    const prompt = (): void => void setTimeout(() => controller.abort('enough'), 5)
    const error = await thrown(at.run({ prompt }, { signal: controller.signal }))
    expect(error).toMatchObject({ code: 'ABORTED', cause: 'enough' })
    const polls = at.polls.length
    await at.clock.advance(600_000)
    expect(at.polls).toHaveLength(polls)
    expect(at.clock.sleeping).toBe(0)
  })

  test('during a poll ends the login', async () => {
    await login({}, { fault: 'silent' })
    const controller = new AbortController()
    const work = thrown(at.run({}, { signal: controller.signal }))
    while (at.polls.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    controller.abort('enough')
    expect(await work).toMatchObject({ code: 'ABORTED', cause: 'enough' })
    expect(at.clock.sleeping).toBe(0)
  })
})

describe('a prompt', () => {
  test.each([
    [
      'throws',
      () => {
        throw new RangeError('no terminal')
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('no terminal'))],
  ])('that %s ends the login with that', async (_, prompt) => {
    await login({}, pending)
    await expect(at.run({ prompt })).rejects.toThrow(new RangeError('no terminal'))
    await at.clock.advance(600_000)
    expect(at.polls).toEqual([])
    expect(at.clock.sleeping).toBe(0)
  })

  test('that rejects later ends the login then', async () => {
    await login({}, pending)
    const prompt = async (): Promise<void> => {
      while (at.polls.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
      throw new RangeError('gone')
    }
    await expect(at.run({ prompt })).rejects.toThrow(new RangeError('gone'))
  })

  test('that never ends does not keep a login from ending', async () => {
    await login({}, granted)
    expect((await at.run({ prompt: () => new Promise(() => undefined) })).token.accessToken).toBe('AT')
  })
})
