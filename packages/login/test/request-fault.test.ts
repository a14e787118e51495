import { describe, expect, onTestFinished, test } from 'vitest'
import { loopbackReceiver } from '../src/index.ts'
import { raw, type Visit, visit } from './support/visit.ts'
import { good, waiting } from './support/waiting.ts'

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
    ['a fetch', { headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' } }],
    [
      'an image',
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' } },
    ],
    [
      'a frame',
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' } },
    ],
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
