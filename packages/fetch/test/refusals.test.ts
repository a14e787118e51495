import { createReadStream } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { type Answer, bearer } from '@latchkey/core'
import { countingSource } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { apiWithLogin, rejection } from './servers.ts'

describe('a crowd', () => {
  test('of 1,000 requests on an expired token makes one exchange and no refusal', async () => {
    const { api, source, fetch } = await apiWithLogin(25)
    source.expire()
    const statuses = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const response = await fetch(`${api.origin}/x`)
        await response.text()
        return response.status
      }),
    )
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    expect([api.arrivals.length, source.renewals]).toEqual([1000, 1])
  })

  test('of 200 requests on a withdrawn token makes one exchange, also where refusals come late', async () => {
    const { api, source, fetch } = await apiWithLogin(25)
    api.refuse('t1')
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        api.settings.delay = (index % 10) * 30
        const response = await fetch(`${api.origin}/x`)
        await response.text()
        return response.status
      }),
    )
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    expect([api.arrivals.length, source.renewals]).toEqual([400, 1])
  })
})

/** A server that refuses each first request with a body of its own, on connections that are counted. */
async function refusing(body: (response: ServerResponse) => void): Promise<{
  readonly origin: string
  readonly ports: (number | undefined)[]
}> {
  const ports: (number | undefined)[] = []
  const server = createServer((request, response) => {
    ports.push(request.socket.remotePort)
    if (request.headers.authorization === 'Bearer t1') body(response.writeHead(401))
    else response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as { port: number }).port}`, ports }
}

const client = (origin: string): typeof globalThis.fetch => withAuth(bearer(countingSource(), origin))

describe('the body of a refused answer', () => {
  test('is read to its end where it is small, so that its connection is used again', async () => {
    const { origin, ports } = await refusing((response) => response.end(Buffer.alloc(40_000)))
    expect(await (await client(origin)(origin)).text()).toBe('ok')
    expect(ports.length).toBe(2)
    expect(new Set(ports).size).toBe(1)
  })

  test('is cut off where it is large', async () => {
    let taken = 0
    const { origin, ports } = await refusing((response) => {
      const megabyte = Buffer.alloc(1_000_000)
      const more = (): void => {
        taken++
        if (taken < 200) response.write(megabyte, more)
      }
      response.write(megabyte, more)
    })
    expect(await (await client(origin)(origin)).text()).toBe('ok')
    expect(new Set(ports).size).toBe(2)
    // What kernels buffer; in the time the call takes, much more could have been read.
    expect(taken).toBeLessThan(15)
  })

  test('does not hold up the call where it never ends', async () => {
    const { origin } = await refusing((response) => response.write('{'))
    const started = performance.now()
    expect(await (await client(origin)(origin)).text()).toBe('ok')
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('of a redirect is read too, so that later hops use its connection', async () => {
    const ports = new Set<number | undefined>()
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort)
      const hops = Number(request.url?.slice(1))
      if (hops > 0) response.writeHead(302, { location: `/${hops - 1}` })
      // In parts: what comes with the first is read by nobody's doing.
      response.write(Buffer.alloc(20_000))
      setTimeout(() => response.end(Buffer.alloc(10_000)), 10)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    const response = await client(origin)(`${origin}/8`)
    expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, 30_000])
    expect(ports.size).toBeLessThan(4)
  })

  test('is given to the caller whole after an authorizer has looked at it', async () => {
    const { api, source } = await apiWithLogin()
    Object.assign(api.settings, { alwaysRefuse: true, refusalBytes: 1_000_000 })
    const looked: number[] = []
    const verdict = async (answer: Answer): Promise<undefined> => {
      looked.push((await answer.text()).length, (await answer.text()).length)
    }
    const response = await withAuth(bearer(source, api.origin, { verdict }))(`${api.origin}/x`)
    expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([401, 1_000_000])
    expect(looked).toEqual([65_536, 65_536, 65_536, 65_536])
  })

  test('of a HEAD or an empty answer is an empty text', async () => {
    const { api, source } = await apiWithLogin()
    const looked: string[] = []
    const answered = async (answer: Answer): Promise<undefined> => void looked.push(await answer.text())
    const fetch = withAuth(async () => ({ headers: { authorization: `Bearer ${source.current}` }, answered }))
    await fetch(`${api.origin}/bytes/10`, { method: 'HEAD' })
    await fetch(`${api.origin}/nocontent`)
    expect(looked).toEqual(['', ''])
  })
})

describe('an abort', () => {
  const abortError = { name: 'AbortError' }

  test('without a reason is fetch’s own AbortError, wherever it comes', async () => {
    const { api, source, fetch } = await apiWithLogin(200)
    const after = (ms: number): RequestInit => {
      const abort = new AbortController()
      setTimeout(() => abort.abort(), ms)
      return { signal: abort.signal }
    }
    expect(await rejection(fetch(`${api.origin}/x`, { signal: AbortSignal.abort() }))).toMatchObject(abortError)
    source.expire()
    expect(await rejection(fetch(`${api.origin}/x`, after(20)))).toMatchObject(abortError)
    expect(await rejection(fetch(new Request(`${api.origin}/x`, after(20))))).toMatchObject(abortError)
    await source.getToken()
    api.settings.delay = 500
    expect(await rejection(fetch(`${api.origin}/x`, after(20)))).toMatchObject(abortError)
  })

  test('of a timeout is fetch’s own TimeoutError', async () => {
    const { api, source, fetch } = await apiWithLogin(300)
    source.expire()
    const error = await rejection(fetch(`${api.origin}/x`, { signal: AbortSignal.timeout(20) }))
    expect(error).toMatchObject({ name: 'TimeoutError' })
  })

  test('after the answer ends its body', async () => {
    const { api, fetch } = await apiWithLogin()
    const abort = new AbortController()
    const response = await fetch(`${api.origin}/bytes/5000000`, { signal: abort.signal })
    abort.abort()
    expect(await rejection(response.text())).toMatchObject(abortError)
  })

  test('that never comes leaves nothing behind on a signal that is used for long', async () => {
    const { api, fetch } = await apiWithLogin()
    const { signal } = new AbortController()
    const warnings: string[] = []
    const warned = (warning: Error): void => void warnings.push(warning.name)
    process.on('warning', warned)
    for (let call = 0; call < 30; call++) await (await fetch(`${api.origin}/x`, { signal })).text()
    process.off('warning', warned)
    expect(warnings).toEqual([])
  })
})

test('a file that cannot be read fails the call, also while a token is awaited, and nothing else', async () => {
  const { api, source, fetch } = await apiWithLogin(50)
  source.expire()
  const body = createReadStream('/nowhere/at/all') as unknown as ReadableStream
  const call = fetch(`${api.origin}/x`, { method: 'POST', body, duplex: 'half' })
  await expect(call).rejects.toMatchObject({ cause: { code: 'ENOENT' } })
  expect(api.arrivals.filter(({ bytes }) => bytes > 0)).toEqual([])
})
