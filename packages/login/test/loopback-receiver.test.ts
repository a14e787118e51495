import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { AuthError } from '@latchkey/core'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { type LoopbackOptions, type LoopbackReceiver, loopbackReceiver } from '../src/index.ts'
import { followed, raw, type Visit, visit } from './support/visit.ts'

const good = '?code=c0de&state=right'

interface Waiting {
  readonly receiver: LoopbackReceiver
  readonly url: string
  readonly port: number
  readonly received: Promise<URLSearchParams>
  /** Whether the wait has ended. */
  readonly over: () => boolean
}

// A receiver whose browser never asks for its page waits for it for a second: all of them at once, at the end.
const receivers: LoopbackReceiver[] = []
afterAll(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()))
})

async function waiting(options: LoopbackOptions = {}): Promise<Waiting> {
  const receiver = await loopbackReceiver(options)
  receivers.push(receiver)
  let over = false
  const received = receiver
    .receive((answer) => answer.getAll('state').length === 1 && answer.get('state') === 'right')
    .finally(() => {
      over = true
    })
  const { port } = new URL(receiver.redirectUri)
  return { receiver, url: receiver.redirectUri, port: Number(port), received, over: () => over }
}

/** Somebody else's server; port 0 is any. */
async function squatter(address: string, port = 0): Promise<Server> {
  const server = createServer((_request, response) => response.end('not us'))
  server.listen(port, address)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return server
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

const connects = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host)
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))

describe('3.7 row 1: bind address', () => {
  test('only loopback answers, and nothing after the end', async () => {
    const { receiver, port } = await waiting()
    const others = Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
    )
    expect(await connects('127.0.0.1', port)).toBe(true)
    for (const address of [...others, '127.0.0.2']) expect(await connects(address, port), address).toBe(false)
    await receiver.close()
    expect(await connects('127.0.0.1', port)).toBe(false)
  })

  test.skipIf(!hasIpv6)('::1 answers at the same port', async () => {
    const { port } = await waiting()
    expect(await connects('::1', port)).toBe(true)
  })
})

describe('3.7 row 2: redirect URI host', () => {
  test.each([
    [{}, /^http:\/\/127\.0\.0\.1:\d+\/callback$/],
    [{ host: 'localhost', path: '/' } as const, /^http:\/\/localhost:\d+\/$/],
    [{ host: 'localhost', path: '' } as const, /^http:\/\/localhost:\d+$/],
  ])('%j', async (options, form) => {
    const { url, received } = await waiting(options)
    expect(url).toMatch(form)
    const first = await visit(url + good, { address: '127.0.0.1' })
    expect(first.status).toBe(303)
    expect((await received).get('code')).toBe('c0de')
  })

  test.skipIf(!hasIpv6)('[::1]', async () => {
    const { url, received } = await waiting({ host: '[::1]' })
    expect((await visit(url + good)).status).toBe(303)
    expect((await received).get('code')).toBe('c0de')
  })

  test('a path that could not be one is refused', async () => {
    await expect(loopbackReceiver({ path: '/a b' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('3.7 row 3: port taken', () => {
  test('the next of the list is used', async () => {
    const taken = portOf(await squatter('127.0.0.1'))
    const free = await squatter('127.0.0.1')
    const next = portOf(free)
    free.close()
    await once(free, 'close')
    const { port } = await waiting({ ports: [taken, next] })
    expect(port).toBe(next)
  })

  test('all taken is one error that names them', async () => {
    const ports = [portOf(await squatter('127.0.0.1')), portOf(await squatter('127.0.0.1'))]
    await expect(loopbackReceiver({ ports })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `None of the ports ${ports.join(', ')} of this machine is free for the answer of the browser. End the program that holds one, or log in by device.`,
    })
  })

  test.skipIf(!hasIpv6)('with localhost a port that somebody holds on ::1 alone is taken', async () => {
    const port = portOf(await squatter('::1'))
    await expect(loopbackReceiver({ host: 'localhost', ports: [port] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
    expect(await connects('127.0.0.1', port)).toBe(false)
  })

  test.skipIf(!hasIpv6)('with 127.0.0.1 nobody on ::1 can stand in the way', async () => {
    const port = portOf(await squatter('::1'))
    expect((await waiting({ ports: [port] })).port).toBe(port)
  })
})

describe('3.7 row 4: foreign Host, DNS rebinding, absolute target, two Hosts', () => {
  test.each(['evil.example', 'localhost', '127.0.0.1', '127.0.0.1.nip.io', '[::1]'])('Host %s', async (name) => {
    const { url, port, over } = await waiting()
    const host = name === '127.0.0.1' ? `${name}:1` : `${name}:${port}`
    expect((await visit(url + good, { headers: { host } })).status).toBe(421)
    expect(over()).toBe(false)
  })

  test.each([
    [
      'an absolute target',
      (port: number) => `GET http://127.0.0.1:${port}/callback${good} HTTP/1.1\r\nHost: 127.0.0.1:${port}`,
      400,
    ],
    ['a target with two slashes', (port: number) => `GET //callback${good} HTTP/1.1\r\nHost: 127.0.0.1:${port}`, 400],
    [
      'two Hosts',
      (port: number) => `GET /callback${good} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example`,
      400,
    ],
    ['no Host', () => `GET /callback${good} HTTP/1.1\r\nX-A: b`, 400],
    ['HTTP/1.0 without Host', () => `GET /callback${good} HTTP/1.0\r\nX-A: b`, 400],
  ])('%s', async (_name, head, status) => {
    const { port, over } = await waiting()
    expect(await raw(port, `${head(port)}\r\nConnection: close\r\n\r\n`)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(over()).toBe(false)
  })
})

describe('3.7 row 5: requests that are no navigation of a person', () => {
  test.each<[string, Visit]>([
    ['a fetch', { headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' } }],
    ['an image', { headers: { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' } }],
    ['a frame', { headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' } }],
    ['a script of a browser without Fetch Metadata', { headers: { origin: 'https://evil.example' } }],
    ['a prefetch', { headers: { 'sec-purpose': 'prefetch;prerender', 'sec-fetch-mode': 'navigate' } }],
    ['an old prefetch', { headers: { purpose: 'prefetch' } }],
  ])('%s is refused, and the same address navigated to is taken', async (_name, how) => {
    const { url, received, over } = await waiting()
    const refused = await visit(url + good, how)
    expect(refused.status).toBe(403)
    expect(refused.headers['access-control-allow-origin']).toBeUndefined()
    expect(over()).toBe(false)
    const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'cross-site' }
    expect((await visit(url + good, { headers })).status).toBe(303)
    expect((await received).get('state')).toBe('right')
  })
})

describe('3.7 row 6: wrong path, favicon, methods', () => {
  test.each<[string, string, Visit, number]>([
    ['/', '/', {}, 404],
    ['/favicon.ico', '/favicon.ico', {}, 404],
    ['a path below', `/callback/x${good}`, {}, 404],
    ['a path with a dot segment', `/x/%2e%2e/callback${good}`, {}, 303],
    ['HEAD', `/callback${good}`, { method: 'HEAD' }, 405],
    ['OPTIONS', `/callback${good}`, { method: 'OPTIONS' }, 405],
    ['POST', `/callback${good}`, { method: 'POST' }, 405],
    ['PUT', `/callback${good}`, { method: 'PUT' }, 405],
  ])('%s', async (_name, target, how, status) => {
    const { url, over } = await waiting()
    const answer = await visit(new URL(target, url).href, how)
    expect(answer.status).toBe(status)
    expect(answer.headers['allow']).toBe(status === 405 ? 'GET' : undefined)
    expect(over()).toBe(status === 303)
  })

  const form = { 'content-type': 'application/x-www-form-urlencoded' }

  test('a form is taken where that was agreed upon', async () => {
    const { url, received } = await waiting({ formPost: true })
    const headers = { ...form, origin: 'null', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const answer = await visit(url, { method: 'POST', headers, body: good.slice(1) })
    expect(answer.status).toBe(303)
    expect((await received).get('code')).toBe('c0de')
  })

  test.each<[string, Visit, number]>([
    ['another type', { headers: { 'content-type': 'text/plain' }, body: good.slice(1) }, 415],
    ['no type', { body: good.slice(1) }, 415],
    ['a longer body', { headers: form, body: `${good.slice(1)}&x=${'y'.repeat(70_000)}` }, 413],
    ['an answer in the query', { headers: form, body: '' }, 400],
  ])('%s is no form', async (_name, how, status) => {
    const { url, over } = await waiting({ formPost: true })
    expect((await visit(url + good, { method: 'POST', ...how })).status).toBe(status)
    expect(over()).toBe(false)
  })
})

describe('3.7 row 7: what is not the answer of this login', () => {
  test.each([
    ['no parameters', ''],
    ['no state', '?code=c0de'],
    ['another state', '?code=c0de&state=wrong'],
    ['an error without state', '?error=access_denied'],
    ['an error with another state', '?error=access_denied&state=wrong'],
    ['two states', '?code=c0de&state=right&state=wrong'],
  ])('%s is answered and ignored, and the wait goes on', async (_name, query) => {
    const { url, received, over } = await waiting()
    const answer = await visit(url + query)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('This page is not part of your sign-in')
    expect(over()).toBe(false)
    await visit(url + good)
    expect((await received).get('code')).toBe('c0de')
  })

  test('before a login waits, nothing is its answer', async () => {
    const receiver = await loopbackReceiver()
    onTestFinished(() => receiver.close())
    expect((await visit(receiver.redirectUri + good)).status).toBe(400)
  })
})

describe('3.7 row 8: more than one answer', () => {
  test('the first is taken; its reload comes to the same page, another is told so', async () => {
    const { receiver, url, received } = await waiting()
    const first = await visit(url + good)
    const reload = await visit(url + good)
    expect(reload.headers['location']).toBe(first.headers['location'])
    const second = await visit(`${url}?code=other&state=right`)
    expect(second.status).toBe(409)
    expect(second.text).toContain('This sign-in has already been received')
    expect((await received).get('code')).toBe('c0de')
    const pages = [followed(first, url), followed(reload, url)]
    // Whoever asks last is answered last.
    await visit(`${url}?state=wrong`)
    await receiver.close('success')
    for (const { text } of await Promise.all(pages)) expect(text).toContain('You are signed in')
  })

  test('the page waits for the end of the login, and says how that was', async () => {
    const { receiver, url, received } = await waiting()
    const page = followed(await visit(url + good), url)
    await received
    let shown = false
    void page.then(() => {
      shown = true
    })
    await visit(`${url}?state=wrong`)
    expect(shown).toBe(false)
    await receiver.close('denied')
    expect((await page).text).toContain('You were not signed in')
  })

  test('a browser that asks for its page after the login has ended still gets it', async () => {
    const { receiver, url, received } = await waiting()
    const first = await visit(url + good)
    await received
    const closed = receiver.close('success')
    expect((await followed(first, url)).text).toContain('You are signed in')
    await closed
  })
})

describe('3.7 row 9: nothing of a request is in a page', () => {
  const hostile = '<script>alert(1)</script>"\'&'

  test.each(['success', 'denied', 'expired', 'unreachable', 'failed'] as const)('%s', async (name) => {
    const details = { app: `tool${hostile}`, where: 'iam.example.org' }
    const { receiver, url, received } = await waiting({ details })
    const query = new URLSearchParams({ code: hostile, state: 'right', error_description: hostile })
    const page = followed(await visit(`${url}?${query.toString()}`), url)
    await received
    await receiver.close(name)
    const { status, headers, text } = await page
    expect(status).toBe(200)
    expect(text).not.toContain('<script')
    expect(text).toContain('tool&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^']+'; img-src data:;/),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-type': 'text/html; charset=utf-8',
    })
  })

  test('neither is it in a refusal', async () => {
    const { url } = await waiting()
    for (const query of ['?state=%3Cscript%3E', '?error=%3Cscript%3E']) {
      const { text, headers } = await visit(url + query)
      expect(text).not.toContain('script')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
    }
  })

  test('the address of the page holds no code, and nobody can guess it', async () => {
    const { url } = await waiting()
    const { headers } = await visit(url + good)
    expect(headers['location']).toMatch(/^\/done\/[\w-]{22}$/)
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    expect((await visit(new URL('/done/AAAAAAAAAAAAAAAAAAAAAA', url).href)).status).toBe(404)
  })
})

describe('3.7 row 10: clients that are slow, many or long', () => {
  const open = async (port: number): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }

  test('a URL of 20 KB is 431, and the wait goes on', async () => {
    const { url, port, received } = await waiting()
    const head = `GET /callback?x=${'y'.repeat(20_000)} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
    expect(await raw(port, head)).toMatch(/^HTTP\/1.1 431 /)
    await visit(url + good)
    expect((await received).get('code')).toBe('c0de')
  })

  test('a thousand connections do not lock the browser out', async () => {
    const { url, port, received } = await waiting()
    for (let i = 0; i < 1000; i += 50) await Promise.all(Array.from({ length: 50 }, () => open(port)))
    await visit(url + good)
    expect((await received).get('code')).toBe('c0de')
  })

  test('the end does not wait for connections that say nothing, or half of something', async () => {
    const { receiver, port } = await waiting()
    const silent = await open(port)
    const half = await open(port)
    half.write(`GET /callback HTTP/1.1\r\nHost: `)
    const ended = Promise.all([silent, half].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    const started = performance.now()
    await receiver.close()
    await ended
    expect(performance.now() - started).toBeLessThan(500)
  })

  test('bytes that are no HTTP are answered and forgotten', async () => {
    const { port, over } = await waiting()
    expect(await raw(port, '\u0016\u0003\u0001 hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
    expect(over()).toBe(false)
  })
})

describe('3.7 row 11: the browser never returns', () => {
  test('a signal ends the wait with its reason, and the port is free at once', async () => {
    const receiver = await loopbackReceiver()
    const controller = new AbortController()
    const received = receiver.receive(() => true, { signal: controller.signal })
    controller.abort(new AuthError('LOGIN_EXPIRED', 'Too late.'))
    await expect(received).rejects.toMatchObject({ code: 'LOGIN_EXPIRED' })
    await receiver.close()
    const port = Number(new URL(receiver.redirectUri).port)
    expect(portOf(await squatter('127.0.0.1', port))).toBe(port)
  })

  test('a signal that has fired before is heard', async () => {
    const receiver = await loopbackReceiver()
    onTestFinished(() => receiver.close())
    const waits = receiver.receive(() => true, { signal: AbortSignal.abort() })
    await expect(waits).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

test('several logins of one process do not meet', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => waiting()))
  expect(new Set(all.map(({ port }) => port)).size).toBe(8)
  await Promise.all(all.map(({ url }, index) => visit(`${url}?code=c${index}&state=right`)))
  const codes = await Promise.all(all.map(async ({ received }) => (await received).get('code')))
  expect(codes).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'])
})
