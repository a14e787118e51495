import { Agent, createServer as createProxy } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type AuthError, type Authorizer, authErrorOf, bearer } from '@latchkey/core'
import { countingSource, testCertificate } from '@latchkey/testkit'
import got from 'got'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { api, apiWithLogin, carried, rejection, via } from './servers.ts'

const trusting = { https: { certificateAuthority: testCertificate } }

/** A proxy for CONNECT, and an agent that goes through it. */
async function tunnel(): Promise<{ readonly agent: Agent; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createProxy()
  server.on('connect', (request, client: Socket, head) => {
    asked.push(request.url ?? '')
    const { hostname, port } = new URL(`http://${request.url}`)
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    for (const socket of [client, upstream]) socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = new Agent({ keepAlive: true })
  agent.createConnection = ({ host, port }, done) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nhost: ${host}:${port}\r\n\r\n`)
    socket.once('data', () => done?.(null, socket))
    return undefined
  }
  onTestFinished(() => {
    agent.destroy()
    server.close()
  })
  return { agent, asked }
}

describe('connections', () => {
  test('speak HTTP/2 over TLS: refused, renewed, redirected, with a body', async () => {
    const a = await api({ secure: true })
    const source = countingSource()
    const client = got.extend(trusting, { http2: true, prefixUrl: a.origin }, withAuth(bearer(source, a.origin)))
    a.refuse('t1')
    const response = await client.post(via('/there', 307), { json: { x: 1 } })
    expect([response.statusCode, response.httpVersion]).toEqual([200, '2.0'])
    expect(carried(a)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t2'])
    expect(a.received('/there').map((one) => [one.body, one.headers[':method']])).toEqual([['{"x":1}', 'POST']])
    const many = await Promise.all(Array.from({ length: 50 }, () => client('x')))
    expect(many.every(({ ok }) => ok)).toBe(true)
    expect(source.renewals).toBe(1)
  })

  test('speak HTTP/1.1 over TLS', async () => {
    const a = await api({ secure: true })
    const client = got.extend(trusting, withAuth(bearer(countingSource(), a.origin)))
    a.refuse('t1')
    expect((await client(`${a.origin}/x`)).httpVersion).toBe('1.1')
    expect(carried(a)).toEqual(['Bearer t1', 'Bearer t2'])
  })

  test('are those of the caller’s own agent: one through a proxy’s tunnel', async () => {
    const { agent, asked } = await tunnel()
    const { a, client } = await apiWithLogin({ agent: { http: agent } })
    a.refuse('t1')
    expect((await client(via('/there'))).statusCode).toBe(200)
    expect(carried(a)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t2'])
    expect(new Set(asked)).toEqual(new Set([new URL(a.origin).host]))
  })
})

describe('a failure', () => {
  const hanging: Authorizer = ({ signal }) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))

  test('of ours is a RequestError with our code, and our error inside, without a secret', async () => {
    const { a } = await apiWithLogin()
    const odd = { getToken: async () => ({ accessToken: 's3cret\nX: y', tokenType: 'Bearer' }) }
    const client = got.extend(withAuth(bearer(odd, a.origin)))
    const error = (await rejection(client(`${a.origin}/x`))) as AuthError
    expect([error.name, error.code]).toEqual(['RequestError', 'RESPONSE_INVALID'])
    expect(authErrorOf(error)).toMatchObject({ name: 'AuthError', code: 'RESPONSE_INVALID' })
    expect(JSON.stringify(error) + error.stack).not.toContain('s3cret')
    expect(a.arrivals).toEqual([])
  })

  test('by an abort is an AbortError, wherever it comes; by a timeout signal a TimeoutError', async () => {
    const { a, client } = await apiWithLogin()
    const stuck = got.extend(withAuth(hanging))
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 20)
    const error = await rejection(stuck(`${a.origin}/x`, { signal: abort.signal }))
    expect(error).toMatchObject({ name: 'AbortError', code: 'ERR_ABORTED' })
    const timeout = { name: 'TimeoutError', code: 'ETIMEDOUT' }
    expect(await rejection(stuck(`${a.origin}/x`, { signal: AbortSignal.timeout(20) }))).toMatchObject(timeout)
    a.settings.delay = 500
    expect(await rejection(client('x', { signal: AbortSignal.timeout(20) }))).toMatchObject(timeout)
    expect(a.received('/x').length).toBeLessThan(2)
  })

  test('a crowd of 200 on a withdrawn token costs one renewal, also where refusals come late', async () => {
    const { a, source, client } = await apiWithLogin({}, 25)
    a.refuse('t1')
    const calls = Array.from({ length: 200 }, (_, index) => {
      a.settings.delay = (index % 10) * 20
      return client('x')
    })
    expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true)
    expect([a.arrivals.length, source.renewals]).toEqual([400, 1])
  })

  test('none: a signal that is used for long keeps nothing of a call', async () => {
    const { client } = await apiWithLogin()
    const { signal } = new AbortController()
    const warnings: string[] = []
    const warned = (warning: Error): void => void warnings.push(warning.name)
    process.on('warning', warned)
    for (let call = 0; call < 30; call++) await client('x', { signal })
    process.off('warning', warned)
    expect(warnings).toEqual([])
  })
})
