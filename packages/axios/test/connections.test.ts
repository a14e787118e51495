import { Agent, createServer as createProxy, request as send } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { bearer } from '@latchkey/core'
import { countingSource, testCertificate } from '@latchkey/testkit'
import axios from 'axios'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { api, apiWithLogin, carried, via } from './servers.ts'

/** A proxy for http and, with CONNECT, for https. */
async function proxy(): Promise<{ readonly port: number; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createProxy((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const upstream = send(request.url ?? '', { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    request.pipe(upstream)
  })
  const sockets = new Set<Socket>()
  server.on('connect', (request, client: Socket, head) => {
    asked.push(`CONNECT ${request.url}`)
    const { hostname, port } = new URL(`http://${request.url}`)
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    sockets.add(client).add(upstream)
    for (const socket of [client, upstream]) socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, asked }
}

describe('connections', () => {
  test('go through a proxy, each hop and each sending', async () => {
    const through = await proxy()
    const { a, source, client } = await apiWithLogin({ proxy: { host: '127.0.0.1', port: through.port } })
    a.refuse('t1')
    expect((await client.get(via('/there'))).status).toBe(200)
    expect(through.asked).toEqual([via('/there'), via('/there'), '/there'].map((path) => `GET ${a.origin}${path}`))
    expect([carried(a), source.renewals]).toEqual([['Bearer t1', 'Bearer t2', 'Bearer t2'], 1])
  })

  test('go through a proxy’s tunnel to an API with TLS, where the proxy sees no token', async () => {
    const through = await proxy()
    const a = await api({ secure: true })
    const client = withAuth(
      bearer(countingSource(), a.origin),
      axios.create({
        proxy: { host: '127.0.0.1', port: through.port },
        httpsAgent: new SecureAgent({ ca: testCertificate }),
      }),
    )
    a.refuse('t1')
    expect((await client.get(`${a.origin}/x`)).status).toBe(200)
    expect(new Set(through.asked)).toEqual(new Set([`CONNECT ${new URL(a.origin).host}`]))
    expect(carried(a)).toEqual(['Bearer t1', 'Bearer t2'])
  })

  test('are those of the caller’s own agent, on each hop', async () => {
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => httpAgent.destroy())
    const { a, client } = await apiWithLogin({ httpAgent })
    a.refuse('t1')
    await client.get(via('/there'))
    await client.get('/x')
    expect(a.arrivals.length).toBe(4)
    expect(new Set(a.arrivals.map((one) => one.port)).size).toBe(1)
  })

  test('speak HTTP/2 where axios is told to, which follows no redirects', async () => {
    const a = await api({ secure: true })
    const client = withAuth(
      bearer(countingSource(), a.origin),
      axios.create({
        httpVersion: 2,
        http2Options: { ca: testCertificate, sessionTimeout: 50 },
        validateStatus: () => true,
      }),
    )
    a.refuse('t1')
    expect((await client.post(`${a.origin}/x`, { x: 1 })).status).toBe(200)
    expect((await client.get(`${a.origin}${via('/there')}`)).status).toBe(302)
    expect(carried(a)).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t2'])
    expect(a.arrivals[1]?.headers[':path']).toBe('/x')
  })

  test('reach an IPv6 address and its port only', async () => {
    const asked: string[] = []
    const client = withAuth(
      bearer(countingSource(), 'http://[::1]:8080'),
      axios.create({
        adapter: async (config) => {
          asked.push(`${config.url} ${String(config.headers.get('authorization'))}`)
          return { data: '', status: 200, statusText: 'OK', headers: {}, config }
        },
      }),
    )
    for (const host of ['[::1]:8080', '[::1]:8081', '[0:0:0:0:0:0:0:1]:8080']) await client.get(`http://${host}/`)
    expect(asked).toEqual([
      'http://[::1]:8080/ Bearer t1',
      'http://[::1]:8081/ undefined',
      'http://[0:0:0:0:0:0:0:1]:8080/ Bearer t1',
    ])
  })
})
