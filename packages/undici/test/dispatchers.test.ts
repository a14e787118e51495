import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type Authorizer, bearer } from '@latchkey/core'
import { countingSource } from '@latchkey/testkit'
import { Agent, Client, type Dispatcher, interceptors, Pool, ProxyAgent, RetryAgent, request, upgrade } from 'undici'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { dispatcherWith } from './clients.ts'
import { apiWithLogin, loopbackAgent, secureApi, serve } from './servers.ts'

const kinds: readonly (readonly [string, (origin: string) => Dispatcher])[] = [
  ['an Agent', () => new Agent()],
  ['a Client', (origin) => new Client(origin)],
  ['a Client that pipelines', (origin) => new Client(origin, { pipelining: 10 })],
  ['a Pool of one connection', (origin) => new Pool(origin, { connections: 1 })],
  ['a RetryAgent', () => new RetryAgent(new Agent())],
]

describe.each(kinds)('%s', (_, make) => {
  test('sends refused requests again, in a crowd too', async () => {
    const { api, source, authorizer } = await apiWithLogin()
    const dispatcher = dispatcherWith(authorizer, make(api.origin))
    api.refuse('t1')
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => dispatcher.request({ origin: api.origin, path: '/bytes/1000', method: 'GET' })),
    )
    for (const { statusCode, body } of answers) expect([statusCode, (await body.text()).length]).toEqual([200, 1000])
    expect(source.renewals).toBe(1)
  })

  test('keeps its connection after a refusal', async () => {
    const { api, authorizer } = await apiWithLogin()
    const dispatcher = dispatcherWith(authorizer, make(api.origin))
    api.settings.refusalBytes = 100_000
    api.refuse('t1')
    await (await dispatcher.request({ origin: api.origin, path: '/x', method: 'GET' })).body.dump()
    expect(api.arrivals.length).toBe(2)
    expect(new Set(api.arrivals.map((one) => one.port)).size).toBe(1)
  })
})

test('1,000 requests at once on an expired token cost one renewal, and all succeed', async () => {
  const { api, source, dispatcher } = await apiWithLogin(25)
  source.expire()
  const codes = await Promise.all(
    Array.from({ length: 1000 }, async () => {
      const { statusCode, body } = await request(`${api.origin}/x`, { dispatcher })
      await body.dump()
      return statusCode
    }),
  )
  expect(codes.filter((code) => code !== 200)).toEqual([])
  expect([api.arrivals.length, source.renewals]).toEqual([1000, 1])
})

test('a dispatcher keeps its type, and the one it was made of stays as it was', async () => {
  const { api, authorizer } = await apiWithLogin()
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  const dispatcher = agent.compose([withAuth(authorizer), interceptors.dump()])
  expectTypeOf(dispatcher).toEqualTypeOf<Dispatcher.ComposedDispatcher>()
  expectTypeOf(withAuth).parameter(0).toEqualTypeOf<Authorizer>()
  expect((await dispatcher.request({ origin: api.origin, path: '/x', method: 'GET' })).statusCode).toBe(200)
  expect((await agent.request({ origin: api.origin, path: '/x', method: 'GET' })).statusCode).toBe(401)
})

/** A proxy that counts what goes through it. */
async function proxy(): Promise<{ readonly uri: string; readonly seen: string[] }> {
  const seen: string[] = []
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', ({ url = '', headers }, client: Socket) => {
    seen.push(`CONNECT ${url} ${headers.authorization ?? ''}`)
    const { hostname, port } = new URL(`http://${url}`)
    const through = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      through.pipe(client).pipe(through)
    })
    client.on('error', () => through.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { uri: `http://127.0.0.1:${(server.address() as { port: number }).port}`, seen }
}

test('a ProxyAgent brings refused requests there again, and its CONNECT carries no token', async () => {
  const { api, source, authorizer } = await apiWithLogin()
  const { uri, seen } = await proxy()
  const dispatcher = dispatcherWith(authorizer, new ProxyAgent({ uri, proxyTunnel: true }))
  api.refuse('t1')
  expect((await request(`${api.origin}/x`, { dispatcher, method: 'POST', body: 'b' })).statusCode).toBe(200)
  expect(api.arrivals.map((one) => [one.headers['authorization'], one.body])).toEqual([
    ['Bearer t1', 'b'],
    ['Bearer t2', 'b'],
  ])
  expect(source.renewals).toBe(1)
  expect(new Set(seen)).toEqual(new Set([`CONNECT ${new URL(api.origin).host} `]))
})

test('HTTP/2 over TLS carries the token and the replay, on one connection', async () => {
  const source = countingSource()
  const { api, port } = await secureApi((token) => token === 't2')
  const origin = `https://api.example.test:${port}`
  const dispatcher = dispatcherWith(bearer(source, origin), loopbackAgent({ allowH2: true }))
  const { statusCode, body } = await request(`${origin}/bytes/50000`, { dispatcher, method: 'POST', body: 'whole' })
  expect([statusCode, (await body.text()).length]).toEqual([200, 50_000])
  await (await request(`${origin}/x`, { dispatcher })).body.dump()
  const authority = `api.example.test:${port}`
  expect(
    api.arrivals.map(({ headers, body: sent }) => [headers[':authority'], headers['authorization'], sent]),
  ).toEqual([
    [authority, 'Bearer t1', 'whole'],
    [authority, 'Bearer t2', 'whole'],
    [authority, 'Bearer t2', ''],
  ])
  expect(new Set(api.arrivals.map((one) => one.port)).size).toBe(1)
})

test.each([
  [
    [401, 503, 200],
    ['t1', 't2', 't2'],
  ],
  [
    [503, 401, 200],
    ['t1', 't1', 't2'],
  ],
  [
    [503, 503, 503, 200],
    ['t1', 't1', 't1', 't1'],
  ],
])('the retries of undici go on between %o', async (answers, tokens) => {
  const seen: unknown[] = []
  const origin = await serve((incoming, response) => {
    seen.push(incoming.headers.authorization)
    response.writeHead(answers[seen.length - 1] ?? 500).end('{}')
  })
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  const auth = withAuth(bearer(countingSource(), origin))
  const retry = interceptors.retry({ minTimeout: 1, maxTimeout: 2, maxRetries: 3 })
  const dispatcher = agent.compose(auth, interceptors.redirect({ maxRedirections: 5 }), retry)
  expect((await request(origin, { dispatcher })).statusCode).toBe(200)
  expect(seen).toEqual(tokens.map((token) => `Bearer ${token}`))
})

test('an upgrade and CONNECT go through untouched', async () => {
  const seen: unknown[] = []
  const server = createServer()
  server.on('upgrade', ({ headers }, socket) => {
    seen.push(headers.authorization)
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n')
  })
  server.on('connect', ({ headers }, socket) => {
    seen.push(headers.authorization)
    socket.end('HTTP/1.1 200 OK\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  let asked = 0
  const dispatcher = dispatcherWith(async () => {
    asked++
    return { headers: { authorization: 'Bearer t' } }
  })
  const upgraded = await upgrade(origin, { dispatcher, protocol: 'echo' })
  upgraded.socket.destroy()
  const connected = await dispatcher.connect({ origin, path: 'elsewhere:1' })
  connected.socket.destroy()
  expect([seen, asked]).toEqual([[undefined, undefined], 0])
})

test('1xx answers reach the caller, not the authorizer', async () => {
  const origin = await serve((_, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.end('ok')
  })
  const told: number[] = []
  const infos: number[] = []
  const answered = ({ status }: { status: number }): undefined => void told.push(status)
  const dispatcher = dispatcherWith(async () => ({ headers: { authorization: 'Bearer t' }, answered }))
  const { statusCode } = await request(origin, { dispatcher, onInfo: ({ statusCode: code }) => infos.push(code) })
  expect([statusCode, infos, told]).toEqual([200, [103], [200]])
})
