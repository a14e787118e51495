import { type AuthError, type Client, client, clientCredentials, deviceCode, revoke } from '@latchkey/core'
import { type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { networkError } from '../../src/issuer/network-error.ts'
import { selfSigned } from './self-signed.ts'
import { signingIssuer } from './signing-issuer.ts'
import { discovered, hasty, thrown } from './thrown.ts'

const body = { access_token: 'AT', token_type: 'bearer' }
const forEver = Number.POSITIVE_INFINITY

const faults: readonly (readonly [string, Reply, string, string])[] = [
  ['an issuer that accepts and never answers', { fault: 'silent' }, 'TIMEOUT', 'took longer than 10 s'],
  ['a connection reset before the headers', { fault: 'reset' }, 'NETWORK', 'broke off the connection'],
  ['a connection cut in the middle of the body', { fault: 'cut', body }, 'NETWORK', 'broke off the connection'],
  ['a byte every 20 ms, for ever', { fault: 'trickle' }, 'TIMEOUT', 'took longer than 10 s'],
  ['a body without end', { fault: 'endless' }, 'RESPONSE_INVALID', 'more than 1 MiB'],
  ['64 MiB in a small gzip', { fault: 'bomb' }, 'RESPONSE_INVALID', 'more than 1 MiB'],
  ['a gzip that is none', { headers: { 'content-encoding': 'gzip' }, body }, 'RESPONSE_INVALID', 'does not unpack'],
  ['invalid UTF-8', { body: new Uint8Array([0x7b, 0xff, 0x7d]) }, 'RESPONSE_INVALID', 'not UTF-8'],
  ['UTF-16', { body: Buffer.from('\ufeff{}', 'utf16le') }, 'RESPONSE_INVALID', 'not UTF-8'],
  ['an array', { body: '[]' }, 'RESPONSE_INVALID', 'no JSON object'],
  ['half an object', { body: '{"access_token":"AT"' }, 'RESPONSE_INVALID', 'no JSON object'],
  ['an empty answer', { status: 204 }, 'RESPONSE_INVALID', 'no JSON object'],
  ['a web page with 200', { headers: { 'content-type': 'text/html' }, body: '<html>' }, 'RESPONSE_INVALID', 'web page'],
  [
    'a web page with 403',
    { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>Blocked' },
    'RESPONSE_INVALID',
    'with 403: an answer of type text/html.',
  ],
  ['a web page with 502', { status: 502, body: '<html>' }, 'SERVER_ERROR', 'with 502'],
  ['a redirect', { status: 307, headers: { location: 'https://evil.example/x' } }, 'RESPONSE_INVALID', 'evil.example'],
  ['a redirect to nowhere', { status: 302, headers: { location: 'http://[' } }, 'RESPONSE_INVALID', 'a redirect to'],
]

let open: { close(): Promise<void> }[] = []
const closing = <T extends { close(): Promise<void> }>(one: T): T => {
  open.push(one)
  return one
}
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()))
  open = []
})

/** Only where nothing comes may the deadline pass: a busy machine takes its time over 64 MiB. */
function clientOf(issuer: ScriptedIssuer, code?: string): Client {
  const timeoutMs = code === 'TIMEOUT' ? 10_000 : 2_000_000
  return client({ issuer: issuer.issuer, clientId: 'c', clock: hasty, timeoutMs })
}

// The other endpoints are asked by the same function: what it does with time, transport, size, text and status.
const fewer = faults.filter(([name]) => /silent|never|reset|without end|UTF-8|array|200|502|a redirect$/.test(name))

describe('a fault of the issuer', () => {
  test.each(faults)('%s, at the token endpoint', async (_, reply, code, says) => {
    const issuer = closing(await scriptedIssuer([{ request: 'POST /token', reply }]))
    await discovered(issuer.issuer)
    const error = await thrown(clientCredentials(clientOf(issuer, code))())
    expect(error.code).toBe(code)
    expect(error.message).toContain(says)
    expect(error.message).toContain(new URL(issuer.issuer).host)
    expect(error.message).not.toMatch(/[\n\r]/)
    expect(issuer.received('/token')).toHaveLength(1)
    expect(issuer.unexpected).toEqual([])
  })

  test.each(fewer)('%s, at the device endpoint', async (_, reply, code) => {
    const issuer = closing(await scriptedIssuer([{ request: 'POST /device_authorization', reply }]))
    const prompt = (): void => expect.unreachable('there is no code')
    expect(await thrown(deviceCode(clientOf(issuer, code), { prompt })())).toMatchObject({ code })
  })

  test.each(fewer)('%s, at discovery', async (_, reply, code) => {
    const table = ['openid-configuration', 'oauth-authorization-server'].map((name) => ({
      request: `GET /.well-known/${name}`,
      times: forEver,
      reply,
    }))
    const issuer = closing(await scriptedIssuer(table, { noDiscovery: true }))
    const error = await thrown(clientOf(issuer, code).metadata())
    expect(error.code).toBe('DISCOVERY_FAILED')
    const cause = error.cause as AuthError
    // Here a body that is no metadata is what failed.
    if (cause.code !== 'DISCOVERY_FAILED') expect(cause.code).toBe(code)
    expect(issuer.requests.length).toBeLessThanOrEqual(3)
    expect(error.message).toContain(`The metadata of ${issuer.issuer} could not be read. `)
  })

  test.each(fewer)('%s, where the keys should be', async (_, reply, code) => {
    const issuer = closing(await signingIssuer({ metadata: (at) => ({ jwks_uri: `${at}/keys` }) }))
    issuer.add({ request: 'GET /keys', times: forEver, reply })
    issuer.grants({ id_token: await issuer.idToken() })
    expect(await thrown(clientCredentials(clientOf(issuer, code))())).toMatchObject({ code })
    expect(issuer.received('/keys').length).toBeLessThanOrEqual(3)
  })

  test('reads little more than a mebibyte of what has no end', async () => {
    let read = 0
    const counted = async (input: string, init: RequestInit): Promise<Response> => {
      const response = await fetch(input, init)
      const counter = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          read += chunk.byteLength
          controller.enqueue(chunk)
        },
      })
      return new Response(response.body?.pipeThrough(counter) ?? null, response)
    }
    for (const fault of ['endless', 'bomb'] as const) {
      read = 0
      const issuer = closing(await scriptedIssuer([{ request: 'POST /token', reply: { fault } }]))
      const made = client({ issuer: issuer.issuer, clientId: 'c', fetch: counted })
      expect(await thrown(clientCredentials(made)())).toMatchObject({ code: 'RESPONSE_INVALID' })
      expect(read).toBeGreaterThan(1024 * 1024)
      expect(read).toBeLessThan(2 * 1024 * 1024)
    }
  })

  test.each([301, 302, 307, 308])('a %i goes nowhere, with or without credentials', async (status) => {
    const elsewhere = closing(await scriptedIssuer([]))
    const reply = { status, headers: { location: `${elsewhere.issuer}/there` } }
    const issuer = closing(
      await scriptedIssuer([
        { request: 'POST /token', reply },
        { request: 'POST /revoke', reply },
      ]),
    )
    const made = client({
      issuer: issuer.issuer,
      clientId: 'c',
      clientSecret: 'secret',
      clock: hasty,
      timeoutMs: 2_000_000,
    })
    expect(await thrown(clientCredentials(made)())).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(await revoke(made, 'RT')).toBe(false)
    expect(elsewhere.requests).toEqual([])
  })

  test('a BOM is let pass', async () => {
    const issuer = closing(await scriptedIssuer([]))
    issuer.add({ request: 'POST /token', reply: { body: `\ufeff${JSON.stringify(body)}` } })
    expect((await clientCredentials(clientOf(issuer))()).token.accessToken).toBe('AT')
  })

  test('__proto__ in an answer is a member like any other', async () => {
    const issuer = closing(await scriptedIssuer([]))
    const text = '{"__proto__":{"access_token":"EVIL","polluted":1},"access_token":"AT","token_type":"bearer"}'
    issuer.add({ request: 'POST /token', reply: { body: text } })
    expect((await clientCredentials(clientOf(issuer))()).token.accessToken).toBe('AT')
    issuer.add({
      request: 'POST /token',
      reply: { body: '{"__proto__":{"access_token":"EVIL","token_type":"bearer"}}' },
    })
    expect(await thrown(clientCredentials(clientOf(issuer))())).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('an issuer that cannot be reached', () => {
  test('a closed port is NETWORK, with what the system said', async () => {
    const issuer = await scriptedIssuer([])
    const made = clientOf(issuer)
    await made.metadata()
    await issuer.close()
    const error = await thrown(clientCredentials(made)())
    expect(error).toMatchObject({ code: 'NETWORK', cause: { cause: { code: 'ECONNREFUSED' } } })
    expect(error.message).toContain('could not be reached (ECONNREFUSED). Check the address')
  })

  test('a certificate that nobody signed is TLS, asked once, and names NODE_EXTRA_CA_CERTS', async () => {
    const server = closing(await selfSigned())
    const error = await thrown(
      client({ issuer: server.origin, clientId: 'c', clock: hasty, timeoutMs: 2_000_000 }).metadata(),
    )
    expect(error).toMatchObject({ code: 'DISCOVERY_FAILED', cause: { code: 'TLS' } })
    expect(error.message).toMatch(/SELF_SIGNED.*clock of this machine.*NODE_EXTRA_CA_CERTS/)
    expect(server.requests).toBe(0)
  })

  test('https to a port that speaks http is TLS', async () => {
    const issuer = closing(await scriptedIssuer([]))
    const made = client({
      issuer: issuer.issuer.replace('http:', 'https:'),
      clientId: 'c',
      clock: hasty,
      timeoutMs: 2_000_000,
    })
    expect(await thrown(made.metadata())).toMatchObject({ code: 'DISCOVERY_FAILED', cause: { code: 'TLS' } })
    expect(issuer.requests).toEqual([])
  })

  test.each([
    ['ENOTFOUND', 'NETWORK'],
    ['EAI_AGAIN', 'NETWORK'],
    ['ENETUNREACH', 'NETWORK'],
    ['EHOSTUNREACH', 'NETWORK'],
    ['ETIMEDOUT', 'TIMEOUT'],
    ['UND_ERR_CONNECT_TIMEOUT', 'TIMEOUT'],
    ['UND_ERR_SOCKET', 'NETWORK'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'TLS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS'],
    ['CERT_HAS_EXPIRED', 'TLS'],
    ['CERT_NOT_YET_VALID', 'TLS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS'],
    ['EPROTO', 'TLS'],
  ])('%s is %s', (reason, code) => {
    const system = Object.assign(new Error(`${reason} 192.0.2.1:443`), { code: reason })
    const both = Object.assign(new AggregateError([system]), { code: reason })
    for (const cause of [system, both]) {
      const error = networkError(new TypeError('fetch failed', { cause }), 'https://iam.example.org/token')
      expect(error.code).toBe(code)
      expect(error.message).toMatch(/^iam\.example\.org .*\(\w+\)\. \w.*\.$/)
      expect(error.message).toContain(reason)
    }
  })

  test('a fetch with a deadline of its own is TIMEOUT, and one that gives no reason NETWORK', () => {
    const late = new DOMException('The operation timed out', 'TimeoutError')
    expect(networkError(late, 'https://iam.example.org/').code).toBe('TIMEOUT')
    expect(networkError(new TypeError('failed'), 'https://iam.example.org/').code).toBe('NETWORK')
    expect(networkError(undefined, 'https://iam.example.org/').code).toBe('NETWORK')
  })
})

describe('an address that may not be talked to', () => {
  test.each([
    'http://iam.example.org/token',
    'http://192.168.0.1/token',
    'https://user:pass@iam.example.org/token',
    'ftp://iam.example.org/token',
    'javascript:alert(1)',
    'data:application/json,{}',
    '/token',
    'http://localhost.evil.example/token',
  ])('%s as token endpoint gets nothing', async (endpoint) => {
    const issuer = closing(await scriptedIssuer([], { metadata: { token_endpoint: endpoint } }))
    const asked: string[] = []
    const spy = (input: string, init: RequestInit): Promise<Response> => {
      asked.push(new URL(input).pathname)
      return fetch(input, init)
    }
    const error = await thrown(clientCredentials(client({ issuer: issuer.issuer, clientId: 'c', fetch: spy }))())
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).not.toContain('pass@')
    expect(asked).toEqual(['/.well-known/openid-configuration'])
  })

  test('allowHttp lets http through', async () => {
    const issuer = closing(await scriptedIssuer([], { metadata: { token_endpoint: 'http://iam.example.org/token' } }))
    const fake = async (input: string, init: RequestInit): Promise<Response> =>
      input.startsWith('http://iam.example.org') ? Response.json(body) : fetch(input, init)
    const made = client({ issuer: issuer.issuer, clientId: 'c', fetch: fake, allowHttp: true })
    expect((await clientCredentials(made)()).token.accessToken).toBe('AT')
  })
})
