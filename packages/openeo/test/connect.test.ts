import { once } from 'node:events'
import { AuthError } from '@latchkey/core'
import { connect } from '@latchkey/openeo'
import { listen, manualClock, openeoBackend, type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { backendUrl } from '../src/address.ts'
import { quick } from './support/person.ts'
import { home } from './support/world.ts'

const capabilities = { body: { api_version: '1.2.0', endpoints: [] } }

/** A server that answers the well-known address and the root as told. */
async function server(wellKnown: Reply | undefined, root: Reply = capabilities): Promise<ScriptedIssuer> {
  const times = Number.POSITIVE_INFINITY
  const made = await scriptedIssuer(
    [
      { request: 'GET /.well-known/openeo', reply: wellKnown ?? { status: 404, body: 'none' }, times },
      { request: 'GET /', reply: root, times },
    ],
    { noDiscovery: true },
  )
  onTestFinished(() => made.close())
  return made
}

const failure = async (url: string | undefined, options = {}): Promise<AuthError> =>
  connect(url, { env: home(), ...options }).then(
    () => new AuthError('ABORTED', 'it connected'),
    (error: AuthError) => error,
  )

describe('connecting', () => {
  test('chooses the latest version by number, asks it for its capabilities, and keeps the address as key', async () => {
    const backend = await openeoBackend({
      versions: ['1.2.0', '1.10.0', '1.9.0'].map((api_version) => ({ api_version })),
    })
    onTestFinished(() => backend.close())
    const connected = await connect(`${backend.url}//`, { env: home() })
    expect(connected).toMatchObject({ url: backend.url, root: `${backend.url}/openeo/1.10.0`, apiVersion: '1.10.0' })
    expect(connected.capabilities['title']).toBe('Mock back-end')
    expect(backend.arrivals.map(({ path }) => path)).toEqual(['/.well-known/openeo', '/openeo/1.10.0/'])
  })

  test('goes to another origin where the well-known document says so', async () => {
    const backend = await openeoBackend()
    onTestFinished(() => backend.close())
    const front = await server({ body: { versions: [{ api_version: '1.2.0', url: `${backend.root}/` }] } })
    const connected = await connect(front.issuer, { env: home() })
    expect(connected).toMatchObject({ url: front.issuer, root: backend.root })
  })

  test('follows a redirect of the well-known document to another origin: nothing secret is sent with it', async () => {
    const backend = await openeoBackend()
    onTestFinished(() => backend.close())
    const front = await server({ status: 302, headers: { location: `${backend.url}/.well-known/openeo` } })
    expect((await connect(front.issuer, { env: home() })).root).toBe(backend.root)
    expect(backend.arrivals[0]?.headers['authorization']).toBeUndefined()
  })

  test.each<[string, Reply]>([
    ['404', { status: 404 }],
    ['500', { status: 500 }],
    ['a web page', { body: '<html>' }],
    ['a list', { body: [] }],
    ['a broken connection', { fault: 'reset' }],
    ['half an answer', { fault: 'cut', body: { versions: [] } }],
    ['a body without end', { fault: 'endless' }],
    ['a small archive of a large body', { fault: 'bomb' }],
    ['a redirect to itself', { status: 302, headers: { location: '/.well-known/openeo' } }],
    ['a redirect to plain http elsewhere', { status: 302, headers: { location: 'http://example.org/' } }],
    ['a redirect to nowhere', { status: 302, headers: { location: 'http://[' } }],
    ['only old versions', { body: { versions: [{ api_version: '0.4.0', url: 'https://old.example.org' }] } }],
  ])('takes the address itself where the well-known document is %s', async (_, reply) => {
    const { issuer } = await server(reply)
    expect(await connect(issuer, { env: home() })).toMatchObject({ root: issuer, apiVersion: '1.2.0' })
  })

  test('waits 10 s for a well-known document and 30 s for the capabilities, on the given clock', async () => {
    const { server: silent, origin, close } = await listen(() => () => undefined)
    onTestFinished(close)
    const clock = manualClock()
    const outcome = failure(origin, { clock })
    await once(silent, 'request')
    const second = once(silent, 'request')
    await clock.advance(10_000)
    await second
    await clock.advance(30_000)
    expect(await outcome).toMatchObject({
      code: 'TIMEOUT',
      message: `${origin}/ took longer than 30 s. Try again later.`,
    })
    expect(clock.sleeping).toBe(0)
  })

  test('ends with ABORTED when the signal fires, also where the well-known document fails anyway', async () => {
    const { server: silent, origin, close } = await listen(() => () => undefined)
    onTestFinished(close)
    const stop = new AbortController()
    const outcome = failure(origin, { signal: stop.signal })
    await once(silent, 'request')
    stop.abort()
    expect(await outcome).toMatchObject({ code: 'ABORTED' })
    expect(await failure(origin, { signal: AbortSignal.abort() })).toMatchObject({ code: 'ABORTED' })
  })
})

describe('capabilities', () => {
  test('that redirect within their origin move the root there', async () => {
    const made = await server(undefined, { status: 301, headers: { location: '/openeo/1.2/' } })
    made.add({ request: 'GET /openeo/1.2/', reply: capabilities })
    expect((await connect(made.issuer, { env: home() })).root).toBe(`${made.issuer}/openeo/1.2`)
  })

  test('that redirect to another origin are refused with the address to connect to', async () => {
    const other = await server(undefined)
    const made = await server(undefined, { status: 301, headers: { location: `${other.issuer}/` } })
    const error = await failure(made.issuer)
    expect(error).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(error.message).toBe(
      `${made.issuer}/ redirects to ${other.issuer}, which is not followed. If that is the back-end you mean, connect to it by that address.`,
    )
    expect(other.requests).toEqual([])
  })

  test.each<[string, Reply, string, string]>([
    [
      'too old',
      { body: { api_version: '0.4.2' } },
      'UNSUPPORTED',
      "openEO API version should be at least 1.0.0, but ADDRESS has '0.4.2'.",
    ],
    ['of a strange version', { body: { api_version: 'x\u001b[2J' } }, 'UNSUPPORTED', "has 'x\\u001b[2J'"],
    [
      'without a version',
      { body: {} },
      'RESPONSE_INVALID',
      'What ADDRESS answers are no openEO capabilities: it names no api_version.',
    ],
    ['of a number', { body: { api_version: 1 } }, 'RESPONSE_INVALID', 'it names no api_version'],
    [
      'a web page',
      { body: '<html>' },
      'RESPONSE_INVALID',
      'The openEO capabilities could not be had at ADDRESS: the answer is no JSON object.',
    ],
    ['a list', { body: [1] }, 'RESPONSE_INVALID', 'is no JSON object'],
    [
      'not there',
      { status: 404 },
      'RESPONSE_INVALID',
      'at ADDRESS: [404]. Check that it is the address of an openEO back-end.',
    ],
    [
      'refused',
      { status: 403, body: { code: 'Nope', message: 'a\u009b1m', id: 'r-1' } },
      'RESPONSE_INVALID',
      '[403] Nope: a\\u009b1m (ref: r-1)',
    ],
    ['out of order', { status: 503 }, 'SERVER_ERROR', 'at ADDRESS: [503]. Try again later.'],
    ['5 MB long', { body: ' '.repeat(5_000_000) }, 'RESPONSE_INVALID', 'sent more than 2 MiB'],
    ['without end', { fault: 'endless' }, 'RESPONSE_INVALID', 'sent more than 2 MiB'],
    [
      'not UTF-8',
      { body: new Uint8Array([0x7b, 0xff, 0x7d]) },
      'RESPONSE_INVALID',
      "not UTF-8. Check that it is the back-end's address.",
    ],
    ['cut off', { fault: 'cut', body: '{"api_version":"1.2.0"}' }, 'NETWORK', 'broke off the connection'],
    [
      'in a gzip that is none',
      { headers: { 'content-encoding': 'gzip' }, body: '{}' },
      'RESPONSE_INVALID',
      'does not unpack',
    ],
    ['a loop', { status: 307, headers: { location: '/' } }, 'RESPONSE_INVALID', 'ADDRESS redirects without end'],
  ])('that are %s fail with one clear line', async (_, root, code, text) => {
    const { issuer } = await server(undefined, root)
    const error = await failure(issuer, { clock: quick })
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(text.replace('ADDRESS', `${issuer}/`))
    expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })

  test('are asked for three times while the back-end is out of order, and no longer', async () => {
    const { issuer, requests, received } = await server(undefined, { status: 503 })
    expect(await failure(issuer, { clock: quick })).toMatchObject({ code: 'SERVER_ERROR' })
    expect(received('/')).toHaveLength(3)
    expect(requests).toHaveLength(4)
    const other = await scriptedIssuer([{ request: 'GET /', reply: { status: 502 }, times: 2 }], { noDiscovery: true })
    onTestFinished(() => other.close())
    other.add({ request: 'GET /.well-known/openeo', reply: { status: 503 } }, { request: 'GET /', reply: capabilities })
    expect(await connect(other.issuer, { env: home(), clock: quick })).toMatchObject({ apiVersion: '1.2.0' })
    expect([other.left, other.unexpected]).toEqual([[], []])
  })

  test('are waited for 30 s in all, further attempts included', async () => {
    const clock = manualClock()
    const asked: number[] = []
    const { origin, close } = await listen(() => ({ url }, response) => {
      if (url !== '/') response.writeHead(404).end()
      else if (asked.push(clock.now()) === 1) response.writeHead(503).end()
    })
    onTestFinished(close)
    const outcome = failure(origin, { clock })
    await vi.waitFor(async () => {
      if (asked.length === 1) await clock.advance(250)
      expect(asked).toHaveLength(2)
    })
    const [start = 0] = asked
    await clock.advance(start + 30_000 - clock.now())
    expect((await outcome).message).toBe(`${origin}/ took longer than 30 s. Try again later.`)
    expect(clock.sleeping).toBe(0)
  })

  test('that nobody serves are NETWORK, with the host and what the system said', async () => {
    const { origin, close } = await listen(() => () => undefined)
    await close()
    const error = await failure(origin)
    expect(error).toMatchObject({ code: 'NETWORK', cause: { cause: { code: 'ECONNREFUSED' } } })
    expect(error.message).toBe(
      `${new URL(origin).host} could not be reached (ECONNREFUSED). Check the address and the network, then try again.`,
    )
  })
})

describe('the address of a back-end', () => {
  test.each([
    ['openeo.example.org', 'https://openeo.example.org'],
    ['openeo.example.org/openeo/1.2//', 'https://openeo.example.org/openeo/1.2'],
    [' https://openeo.example.org/ ', 'https://openeo.example.org'],
    ['http://localhost:8080/', 'http://localhost:8080'],
    ['localhost:8080', 'https://localhost:8080'],
    ['openeo.köln.example', 'https://openeo.köln.example'],
  ])('%j is %s', (given, url) => {
    expect(backendUrl(given)).toBe(url)
  })

  test.each([
    '',
    '/',
    'http://openeo.example.org',
    'ftp://a.example',
    'https://u:s3cret@a.example',
    'u:s3cret@a.example',
    'https://a.example?x',
    'a b',
    'https://a.example/\u001b[2J',
  ])('%j is none, and no password of it is repeated', (given) => {
    expect(() => backendUrl(given)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    expect(() => backendUrl(given)).not.toThrow(/s3cret|\u001b/)
  })
})

describe('the providers of a back-end', () => {
  test('are none where it does not list them, and nobody is asked', async () => {
    const made = await server(undefined)
    const connected = await connect(made.issuer, { env: home() })
    expect(await connected.providers()).toEqual([])
    await expect(connected.choose()).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: `Backend lists no OIDC providers. ${made.issuer}`,
    })
    expect(made.unexpected).toEqual([])
  })

  test('are asked for where it lists no endpoints at all; 404 is none', async () => {
    const made = await server(undefined, { body: { api_version: '1.2.0' } })
    made.add({ request: 'GET /credentials/oidc', reply: { status: 404 } })
    expect(await (await connect(made.issuer, { env: home() })).providers()).toEqual([])
    expect(made.left).toEqual([])
  })

  const document = 'ADDRESS/credentials/oidc'
  const elsewhere: Reply = { status: 302, headers: { location: 'https://other.example.org/' } }

  test.each<[string, Reply, string, string]>([
    ['a list', { body: [] }, 'RESPONSE_INVALID', document],
    ['5 MB long', { body: ' '.repeat(5_000_000) }, 'RESPONSE_INVALID', 'HOST sent more than 2 MiB'],
    ['out of order', { status: 502 }, 'SERVER_ERROR', document],
    ['somewhere else', elsewhere, 'RESPONSE_INVALID', `${document} redirects to https://other.example.org`],
  ])('that are %s are an error that says where', async (_, reply, code, text) => {
    const endpoints = [{ path: '/credentials/oidc', methods: ['get'] }]
    const made = await server(undefined, { body: { api_version: '1.2.0', endpoints } })
    made.add({ request: 'GET /credentials/oidc', reply, times: 3 })
    const connected = await connect(made.issuer, { env: home(), clock: quick })
    const where = text.replace('ADDRESS', made.issuer).replace('HOST', new URL(made.issuer).host)
    await expect(connected.providers()).rejects.toMatchObject({ code, message: expect.stringContaining(where) })
  })
})
