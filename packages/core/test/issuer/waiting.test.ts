import {
  type Client,
  type Clock,
  client,
  clientAssertion,
  clientCredentials,
  deviceCode,
  refreshToken,
  revoke,
  systemClock,
} from '@latchkey/core'
import { manualClock, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deadline } from '../../src/issuer/deadline.ts'
import { retry } from '../../src/issuer/retry.ts'
import { drive } from './drive.ts'
import { thrown } from './thrown.ts'

let issuer: ScriptedIssuer
beforeEach(async () => {
  issuer = await scriptedIssuer([])
})
afterEach(() => issuer.close())

const silent = { fault: 'silent' } as const
const prompt = (): void => undefined
const clientOf = (clock: Clock = systemClock): Client => client({ issuer: issuer.issuer, clientId: 'c', clock })

/** Gives the signal once something is under way, and fires it. */
async function abortedMidway(run: (signal: AbortSignal) => Promise<unknown>, reason: unknown): Promise<unknown> {
  const controller = new AbortController()
  const before = issuer.requests.length
  const error = thrown(run(controller.signal))
  while (issuer.requests.length === before) await new Promise((resolve) => setTimeout(resolve, 1))
  controller.abort(reason)
  return error
}

describe('a signal', () => {
  const calls: readonly (readonly [string, string, (made: Client, signal: AbortSignal) => Promise<unknown>])[] = [
    ['discovery', 'GET /.well-known/openid-configuration', (made, signal) => made.metadata({ signal })],
    ['client credentials', 'POST /token', (made, signal) => clientCredentials(made)({ signal })],
    ['a refresh', 'POST /token', (made, signal) => refreshToken(made, 'RT')({ signal })],
    ['a device login', 'POST /device_authorization', (made, signal) => deviceCode(made, { prompt })({ signal })],
    ['a revocation', 'POST /revoke', (made, signal) => revoke(made, 'RT', { signal })],
  ]
  test.each(calls)('ends %s with ABORTED and its own reason as cause', async (_, request, run) => {
    issuer.add({ request, reply: silent, times: 3 })
    const reason = new Error('enough')
    const made = clientOf()
    if (!request.startsWith('GET')) await made.metadata()
    const error = await abortedMidway((signal) => run(made, signal), reason)
    expect(error).toMatchObject({ code: 'ABORTED', cause: reason })
  })

  test.each(calls)('that has fired already sends nothing for %s', async (_, __, run) => {
    const made = clientOf()
    await made.metadata()
    const before = issuer.requests.length
    const error = await thrown(run(made, AbortSignal.abort('enough')))
    expect(error).toMatchObject({ code: 'ABORTED', cause: 'enough' })
    expect(issuer.requests.length).toBe(before)
  })

  test('ends the wait for keys', async () => {
    issuer.add({ request: 'GET /jwks', reply: silent })
    const header = Buffer.from('{"alg":"ES256"}').toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: issuer.issuer, aud: 'c', sub: 's', iat: now, exp: now + 60 }
    const idToken = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
    issuer.add({
      request: 'POST /token',
      reply: { body: { access_token: 'AT', token_type: 'bearer', id_token: idToken } },
    })
    const controller = new AbortController()
    const error = thrown(clientCredentials(clientOf())({ signal: controller.signal }))
    while (issuer.received('/jwks').length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    controller.abort('enough')
    expect(await error).toMatchObject({ code: 'ABORTED', cause: 'enough' })
  })

  test('ends the wait for an assertion that never comes', async () => {
    const never = clientAssertion(() => new Promise(() => undefined))
    const made = client({ issuer: issuer.issuer, clientId: 'c', clientAuthentication: never })
    await made.metadata()
    const controller = new AbortController()
    const error = thrown(clientCredentials(made)({ signal: controller.signal }))
    setImmediate(() => controller.abort('enough'))
    expect(await error).toMatchObject({ code: 'ABORTED', cause: 'enough' })
  })

  test('of a deadline is told as the TIMEOUT that it is', async () => {
    const limit = deadline(systemClock, 10, 'Renewing')
    issuer.add({ request: 'POST /token', reply: silent })
    const error = await thrown(clientCredentials(clientOf())({ signal: limit.signal }))
    expect(error).toMatchObject({ code: 'TIMEOUT', message: 'Renewing took longer than 0.01 s. Try again later.' })
    limit.end()
  })
})

describe('a deadline', () => {
  test('leaves no timer once it has ended', () => {
    const clock = manualClock()
    const limit = deadline(clock, 30_000, 'It')
    expect(clock.sleeping).toBe(1)
    limit.end()
    expect(clock.sleeping).toBe(0)
  })

  test('holds for the whole answer, whatever the fetch does with its signal', async () => {
    const clock = manualClock()
    const deaf = async (): Promise<Response> =>
      new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }))
    const made = client({ issuer: issuer.issuer, clientId: 'c', clock, timeoutMs: 5_000, fetch: deaf })
    const error = thrown(made.metadata())
    await clock.advance(5_000)
    expect(await error).toMatchObject({ code: 'DISCOVERY_FAILED', cause: { code: 'TIMEOUT' } })
    expect(clock.sleeping).toBe(0)
  })
})

describe('a retry', () => {
  const failing = async (reply: object): Promise<readonly number[]> => {
    const clock = manualClock()
    for (const name of ['openid-configuration', 'oauth-authorization-server']) {
      issuer.add({ request: `GET /.well-known/${name}`, times: 5, reply })
    }
    const error = thrown(client({ issuer: issuer.issuer, clientId: 'c', clock, timeoutMs: 77_777 }).metadata())
    const pauses = (): readonly number[] => clock.sleeps.filter((ms) => ms !== 77_777)
    await drive(clock, error, pauses)
    expect(await error).toMatchObject({ code: 'DISCOVERY_FAILED' })
    return pauses()
  }

  test('comes twice after network trouble and 5xx', async () => {
    expect(await failing({ fault: 'reset' })).toEqual([250, 1_000])
    expect(issuer.requests).toHaveLength(3)
  })

  test('heeds Retry-After', async () => {
    expect(await failing({ status: 503, headers: { 'retry-after': '7' } })).toEqual([7_000, 7_000])
  })

  test('does not wait for a Retry-After of more than 10 s', async () => {
    expect(await failing({ status: 429, headers: { 'retry-after': '11' } })).toEqual([])
    expect(issuer.requests).toHaveLength(1)
  })

  test('is not made of a refusal', async () => {
    expect(await failing({ status: 403 })).toEqual([])
  })

  test('ends with ABORTED when the signal fires during a pause', async () => {
    const clock = manualClock()
    const controller = new AbortController()
    const lost = { code: 'NETWORK', [Symbol.for('latchkey.AuthError')]: true }
    const error = thrown(retry(clock, () => Promise.reject(lost), controller.signal))
    await clock.advance(100)
    controller.abort('enough')
    expect(await error).toMatchObject({ code: 'ABORTED', cause: 'enough' })
  })
})
