import { type Answer, AuthError, type Authorization, authErrorOf, bearer } from '@latchkey/core'
import { expect } from 'vitest'
import type { AdapterBench, AdapterBody } from './adapter-bench.ts'

/** One row of the contract; its name is a sentence about what callers see. */
export interface AdapterRow {
  readonly name: string
  readonly fails?: AuthError | undefined
  readonly delay?: number | undefined
  run(bench: AdapterBench): Promise<void>
}

const loginRequired = new AuthError('LOGIN_REQUIRED', 'No login here. Run: auth login')

const bodies: readonly (readonly [string, AdapterBody])[] = [
  ['JSON', { kind: 'json', value: { name: 'Ä', list: [1, 2] } }],
  ['bytes', { kind: 'bytes', value: new Uint8Array([0, 255, 13, 10, 128]) }],
  ['form parameters', { kind: 'params', value: { a: '1 2', b: 'ü' } }],
  ['a multipart form', { kind: 'form', value: { field: 'värde' } }],
]

/** The parts of a multipart form without the boundary, which is new for each sending. */
const essence = (body: string): string => body.replaceAll(/^--.*$/gm, '')

const bodyRows: readonly AdapterRow[] = bodies.map(([what, body]) => ({
  name: `a request with ${what} is sent again whole after a refusal`,
  run: async ({ a, send, revoke, source }) => {
    revoke()
    const answer = await send({ method: 'POST', url: `${a.origin}/echo`, body })
    expect(answer.status).toBe(200)
    const [first, second, ...rest] = a.arrivals
    expect(rest).toEqual([])
    expect(second?.bytes).toBeGreaterThan(0)
    expect(essence(second?.body ?? '')).toBe(essence(first?.body ?? ''))
    expect(second?.bytes).toBe(first?.bytes)
    expect(second?.headers['content-type']?.split(';')[0]).toBe(first?.headers['content-type']?.split(';')[0])
    expect(source.renewals).toBe(1)
  },
}))

const methodRows: readonly AdapterRow[] = ['GET', 'HEAD', 'DELETE'].map((method) => ({
  name: `a refused ${method} is sent again with a new token`,
  run: async ({ a, send, revoke, source }) => {
    revoke()
    expect((await send({ method, url: `${a.origin}/x` })).status).toBe(200)
    expect(a.arrivals.map((one) => [one.method, one.headers['authorization']])).toEqual([
      [method, 'Bearer t1'],
      [method, 'Bearer t2'],
    ])
    expect(source.renewals).toBe(1)
  },
}))

const plainRows: readonly AdapterRow[] = [
  {
    name: 'a good token costs one request and no renewal',
    run: async ({ a, get, send, source }) => {
      expect((await get(`${a.origin}/x?q=1`)).status).toBe(200)
      const headers = { 'x-mine': 'kept', accept: 'application/json' }
      expect((await send({ method: 'GET', url: `${a.origin}/y`, headers })).status).toBe(200)
      expect(a.arrivals.map((one) => [one.path, one.headers['authorization']])).toEqual([
        ['/x?q=1', 'Bearer t1'],
        ['/y', 'Bearer t1'],
      ])
      expect(a.arrivals[1]?.headers).toMatchObject(headers)
      expect(source.renewals).toBe(0)
    },
  },
  {
    name: 'an answer without a body is an answer',
    run: async ({ a, get }) => {
      expect(await get(`${a.origin}/nocontent`)).toMatchObject({ status: 204, text: '' })
    },
  },
  {
    name: 'a request to an origin that is not served carries nothing',
    run: async ({ b, get, source }) => {
      expect((await get(`${b.origin}/x`)).status).toBe(401)
      expect(b.arrivals.map((one) => one.headers['authorization'])).toEqual([undefined])
      expect(source.asked).toBe(0)
    },
  },
  {
    name: 'an Authorization header set by hand is left alone, and so is the answer',
    run: async ({ a, send, source }) => {
      const headers = { AUTHORIZATION: 'Bearer mine' }
      expect((await send({ method: 'GET', url: `${a.origin}/x`, headers })).status).toBe(401)
      const to = encodeURIComponent(`${a.origin}/there`)
      await send({ method: 'GET', url: `${a.origin}/open/redirect/302?to=${to}`, headers })
      expect(a.received('/there').map((one) => one.headers['authorization'])).toEqual(['Bearer mine'])
      expect(source.asked).toBe(0)
    },
  },
  {
    name: 'an answer that is not about the token is the caller’s',
    run: async ({ a, get, source }) => {
      for (const status of [400, 403, 404, 409, 500, 503]) {
        expect((await get(`${a.origin}/status/${status}`)).status).toBe(status)
      }
      expect(source.renewals).toBe(0)
    },
  },
]

const refusalRows: readonly AdapterRow[] = [
  {
    name: 'a refusal without a challenge is a refusal',
    run: async ({ a, get, revoke, source }) => {
      a.settings.refusal = 'bare'
      revoke()
      expect((await get(`${a.origin}/x`)).status).toBe(200)
      expect(source.renewals).toBe(1)
    },
  },
  {
    name: 'an API that refuses for ever gets two requests, and the caller its whole answer',
    run: async ({ a, get, source }) => {
      Object.assign(a.settings, { alwaysRefuse: true, refusalBytes: 1_000_000 })
      const answer = await get(`${a.origin}/x`)
      expect(answer.status).toBe(401)
      expect(answer.text.length).toBe(1_000_000)
      expect([a.arrivals.length, source.renewals]).toEqual([2, 1])
    },
  },
  {
    name: '20 calls of an API that refuses for ever cost one renewal',
    run: async ({ a, get, source }) => {
      a.settings.alwaysRefuse = true
      for (let call = 0; call < 20; call++) expect((await get(`${a.origin}/x`)).status).toBe(401)
      expect(source.renewals).toBe(1)
    },
  },
  {
    name: 'a stream is sent once: the refusal is the caller’s, the token is renewed for the next',
    run: async ({ a, send, get, revoke, source }) => {
      revoke()
      const body = { kind: 'stream', value: 'once only' } as const
      expect((await send({ method: 'POST', url: `${a.origin}/x`, body })).status).toBe(401)
      expect(a.arrivals.map((one) => one.body)).toEqual(['once only'])
      expect((await get(`${a.origin}/x`)).status).toBe(200)
      expect([a.arrivals.length, source.renewals]).toEqual([2, 1])
    },
  },
  {
    name: 'where the token cannot be renewed the call fails with the reason, not with a 401',
    fails: loginRequired,
    run: async ({ a, get, revoke }) => {
      revoke()
      const error: unknown = await get(`${a.origin}/x`).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(authErrorOf(error)?.code).toBe('LOGIN_REQUIRED')
      expect(a.arrivals.length).toBe(1)
    },
  },
  {
    name: '30 refusals that come late cost one renewal, and all 30 calls succeed',
    run: async ({ a, get, revoke, source }) => {
      revoke()
      let late = 0
      const calls = Array.from({ length: 30 }, () => {
        a.settings.delay = 5 + (late++ % 10) * 10
        return get(`${a.origin}/x`)
      })
      const statuses = (await Promise.all(calls)).map((answer) => answer.status)
      expect(statuses).toEqual(Array.from({ length: 30 }, () => 200))
      expect([a.arrivals.length, source.renewals]).toEqual([60, 1])
    },
  },
]

/** 403 with a code, as openEO back-ends refuse a token. */
const openeoVerdict = async (answer: Answer): Promise<'token' | undefined> =>
  answer.status === 403 && (await answer.text()).includes('"TokenInvalid"') ? 'token' : undefined

const reasonRows: readonly AdapterRow[] = [
  {
    name: 'a 403 that means the token is renewed, another 403 stays the caller’s with its body whole',
    run: async ({ a, client, revoke, source }) => {
      const send = await client(bearer(source, a.origin, { verdict: openeoVerdict }))
      a.settings.refusal = 'openeo'
      revoke()
      expect((await send({ method: 'GET', url: `${a.origin}/x` })).status).toBe(200)
      const other = await send({ method: 'GET', url: `${a.origin}/status/403` })
      expect([other.status, other.text]).toEqual([403, '{"status":403}'])
      expect(source.renewals).toBe(1)
    },
  },
  {
    name: 'an authorizer may look at 64 KiB of an answer, and the caller still reads all of it',
    run: async ({ a, client }) => {
      let seen = 0
      const answered = async (answer: Answer): Promise<undefined> => {
        seen = (await answer.text()).length
      }
      const send = await client(async () => ({ headers: { authorization: 'Bearer t1' }, answered }))
      expect((await send({ method: 'GET', url: `${a.origin}/bytes/300000` })).text.length).toBe(300_000)
      expect(seen).toBe(65_536)
    },
  },
  {
    name: 'a request is sent again for each reason that the authorizer has',
    run: async ({ a, client }) => {
      const then = (token: string, next?: Authorization): Authorization => ({
        headers: { authorization: `Bearer ${token}`, 'x-reason': token },
        answered: ({ status }) => (status === 401 ? Promise.resolve(next) : undefined),
      })
      const send = await client(async () => then('n1', then('n2', then('t1'))))
      expect((await send({ method: 'POST', url: `${a.origin}/x`, body: { kind: 'json', value: 1 } })).status).toBe(200)
      expect(a.arrivals.map((one) => one.headers['x-reason'])).toEqual(['n1', 'n2', 't1'])
    },
  },
  {
    name: 'an authorizer that never has enough is cut off after four requests',
    run: async ({ a, client }) => {
      const endless: Authorization = { headers: { authorization: 'Bearer no' }, answered: async () => endless }
      const send = await client(async () => endless)
      expect((await send({ method: 'GET', url: `${a.origin}/x` })).status).toBe(401)
      expect(a.arrivals.length).toBe(4)
    },
  },
]

/** What callers see of tokens and refusals. */
export const replayRows: readonly AdapterRow[] = [
  ...plainRows,
  ...methodRows,
  ...bodyRows,
  ...refusalRows,
  ...reasonRows,
]
