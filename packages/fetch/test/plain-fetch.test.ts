import { createServer } from 'node:net'
import { bearer, staticToken } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { apiWithLogin, otherApi, outcome, rejection } from './servers.ts'

/** What two calls have in common with each other: all that a caller can look at. */
async function visible(response: Response, body = true): Promise<unknown> {
  const { status, ok, redirected, type, url, statusText, bodyUsed } = response
  const named = { ...Object.fromEntries(response.headers), date: '' }
  return { status, ok, redirected, type, url, statusText, bodyUsed, named, text: body ? await response.text() : '' }
}

describe('an authorized fetch is like plain fetch', () => {
  test.each([
    '/x?a=%C3%A4#here',
    '/status/204',
    '/status/404',
    '/cookie',
    '/bytes/100000',
    '/redirect/302?to=/there?x=1',
    '/redirect/302?to=%2Fredirect%2F301%3Fto%3D%2Fthere#top',
    '/redirect/304?to=/x',
    '/redirect/302?to=',
  ])('in what comes back from %s', async (path) => {
    const { api, fetch } = await apiWithLogin()
    const headers = { authorization: 'Bearer t1' }
    const url = api.origin + path
    const [theirs, ours] = path.endsWith('to=')
      ? [await rejection(globalThis.fetch(url, { headers })), await rejection(fetch(url))]
      : [await visible(await globalThis.fetch(url, { headers })), await visible(await fetch(url))]
    if (theirs instanceof Error) expect(ours).toBeInstanceOf(theirs.constructor)
    else expect(ours).toEqual(theirs)
  })

  test.each(['manual', 'error'] as const)('in its redirect mode %s', async (redirect) => {
    const { api, fetch } = await apiWithLogin()
    const url = `${api.origin}/redirect/302?to=/there`
    const seen = async (call: Promise<Response>): Promise<unknown> => {
      const response = await outcome(call.then((answer) => visible(answer)))
      return response instanceof Error ? [response.name, response.message] : response
    }
    const headers = { authorization: 'Bearer t1' }
    expect(await seen(fetch(url, { redirect }))).toEqual(await seen(globalThis.fetch(url, { redirect, headers })))
    expect(await seen(fetch(new Request(url, { redirect })))).toMatchObject(
      redirect === 'manual' ? { status: 302 } : ['TypeError', 'fetch failed'],
    )
    expect(api.received('/there')).toEqual([])
  })

  test('in the headers it sends, whatever form they have', async () => {
    const { api, fetch } = await apiWithLogin()
    const forms: readonly NonNullable<RequestInit['headers']>[] = [
      { 'X-Mine': 'ü'.normalize('NFC'), Cookie: 'a=1; b=2', Accept: 'text/plain' },
      [
        ['X-Mine', '1'],
        ['x-mine', '2'],
        ['cookie', 'a=1'],
      ],
      new Headers({ 'x-mine': '1', cookie: 'a=1' }),
    ]
    for (const headers of forms) {
      api.clear()
      await globalThis.fetch(`${api.origin}/open/x`, { headers })
      await fetch(`${api.origin}/open/x`, { headers })
      const [theirs, ours] = api.arrivals.map((one) => one.headers)
      expect(ours).toEqual({ ...theirs, authorization: 'Bearer t1' })
    }
  })

  test('in what it refuses to send', async () => {
    const { fetch } = await apiWithLogin()
    const calls: readonly [string, RequestInit?][] = [
      ['relative/path'],
      ['http://user:password@127.0.0.1/'],
      ['http://127.0.0.1:1/', { body: 'a GET has none' }],
      ['http://127.0.0.1/', { headers: { 'bad name': 'x' } }],
      ['http://127.0.0.1/', { method: 'TRACE' }],
    ]
    for (const [url, init = {}] of calls) expect(await rejection(fetch(url, init)), url).toBeInstanceOf(TypeError)
  })

  test('in its failure when nobody answers', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const origin = `http://127.0.0.1:${port}`
    const error = await rejection(withAuth(bearer(staticToken('s3cret'), origin))(`${origin}/x`))
    server.close()
    expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed' })
    expect(JSON.stringify([error, (error as Error).cause])).not.toContain('s3cret')
  })

  test('for a call that is none of ours: it reaches the inner fetch as it was given', async () => {
    const seen: unknown[][] = []
    const inner = async (...args: unknown[]): Promise<Response> => {
      seen.push(args)
      return new Response('inner')
    }
    const fetch = withAuth(bearer(staticToken('t'), 'https://api.example.org'), inner)
    const calls: unknown[][] = [
      ['https://elsewhere.example/', { method: 'POST', body: 'x' }],
      [new Request('https://elsewhere.example/')],
      ['https://api.example.org/', { headers: { Authorization: 'mine' } }],
      [new Request('https://api.example.org/', { headers: { authorization: 'mine' } }), { method: 'PUT' }],
      ['/relative', undefined],
    ]
    for (const call of calls) await fetch(...call)
    expect(seen.map((args) => args.slice(0, 2))).toEqual(calls.map(([input, init]) => [input, init]))
    seen.forEach((args, index) => expect(args[0]).toBe(calls[index]?.[0]))
  })
})

describe('a Request object', () => {
  test('is used up afterwards, and its own properties arrive', async () => {
    const { api, fetch } = await apiWithLogin()
    const request = new Request(`${api.origin}/echo`, { method: 'PATCH', body: 'hello', headers: { 'x-mine': '1' } })
    const echo = (await (await fetch(request)).json()) as Record<string, unknown>
    expect(echo).toMatchObject({
      method: 'PATCH',
      body: 'hello',
      headers: { 'x-mine': '1', authorization: 'Bearer t1' },
    })
    expect(echo['headers']).toHaveProperty('content-length', '5')
    expect(request.bodyUsed).toBe(true)
    expect(await rejection(fetch(request))).toBeInstanceOf(TypeError)
  })

  test('is overridden by init, as with plain fetch', async () => {
    const { api, fetch } = await apiWithLogin()
    const request = new Request(`${api.origin}/echo`, { method: 'POST', body: 'old', headers: { 'x-mine': '1' } })
    const init = { body: 'new', headers: { 'x-other': '2' } }
    const echo = await (await fetch(request, init)).json()
    expect(echo).toMatchObject({ method: 'POST', body: 'new', headers: { 'x-other': '2' } })
    expect(echo).not.toHaveProperty('headers.x-mine')
  })

  test('whose Authorization is overridden by other headers in init is ours again', async () => {
    const { api, fetch } = await apiWithLogin()
    const request = new Request(`${api.origin}/x`, { headers: { authorization: 'Bearer theirs' } })
    await fetch(request, { headers: {} })
    expect(api.arrivals[0]?.headers['authorization']).toBe('Bearer t1')
  })

  test('that streams is sent again whole after a refusal, and through a 307', async () => {
    const { api, source, fetch } = await apiWithLogin()
    const stream = new Blob(['x'.repeat(300_000)]).stream()
    api.refuse('t1')
    const url = `${api.origin}/redirect/307?to=/there`
    const response = await fetch(new Request(url, { method: 'POST', body: stream, duplex: 'half' }))
    expect([response.status, response.redirected, source.renewals]).toEqual([200, true, 1])
    expect(api.arrivals.map((one) => [one.path.split('?')[0], one.bytes])).toEqual([
      ['/redirect/307', 300_000],
      ['/redirect/307', 300_000],
      ['/there', 300_000],
    ])
  })
})

describe('redirects', () => {
  test('are followed 20 times and no more, as by plain fetch', async () => {
    const { api, fetch } = await apiWithLogin()
    const headers = { authorization: 'Bearer t1' }
    const follow = (hops: number): Promise<unknown>[] =>
      [fetch(`${api.origin}/hops/${hops}`), globalThis.fetch(`${api.origin}/hops/${hops}`, { headers })].map((call) =>
        outcome(call.then(({ status }) => status)),
      )
    expect(await Promise.all(follow(20))).toEqual([200, 200])
    const failed = { name: 'TypeError', message: 'fetch failed' }
    expect(await Promise.all(follow(21))).toMatchObject([failed, failed])
  })

  test('take what was meant for one origin only from the request, as plain fetch does', async () => {
    const { api, fetch } = await apiWithLogin()
    const other = await otherApi()
    const headers = { cookie: 'a=1', 'proxy-authorization': 'Basic x', 'x-mine': 'kept' }
    const url = `${api.origin}/redirect/302?to=${encodeURIComponent(`${other.origin}/open/x`)}`
    const response = await fetch(url, { headers })
    expect([response.redirected, response.url]).toEqual([true, `${other.origin}/open/x`])
    await globalThis.fetch(url, { headers: { ...headers, authorization: 'Bearer t1' } })
    const [ours, theirs] = other.arrivals.map((one) => one.headers)
    expect(ours).toEqual(theirs)
    expect(ours).not.toHaveProperty('cookie')
    expect(ours).not.toHaveProperty('proxy-authorization')
  })

  test('cannot be followed by a stream in init, as with plain fetch', async () => {
    const { api, fetch } = await apiWithLogin()
    const body = (): ReadableStream => new Blob(['x']).stream()
    const url = `${api.origin}/redirect/307?to=/there`
    const error = await rejection(fetch(url, { method: 'POST', body: body(), duplex: 'half' }))
    expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed' })
    const see = `${api.origin}/redirect/303?to=/there`
    expect((await fetch(see, { method: 'POST', body: body(), duplex: 'half' })).status).toBe(200)
    expect(api.received('/there').map((one) => [one.method, one.bytes])).toEqual([['GET', 0]])
  })

  test('that the runtime does not show fail with what to know, not with an empty answer', async () => {
    const hidden = Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' })
    const inner = async (_url: string): Promise<Response> => hidden
    const fetch = withAuth(bearer(staticToken('t'), 'https://api.example.org'), inner)
    expect(await rejection(fetch('https://api.example.org/'))).toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('to what is no http address fail', async () => {
    const { api, fetch } = await apiWithLogin()
    for (const to of ['javascript:alert(1)', 'file:///etc/passwd', 'http://']) {
      const error = await rejection(fetch(`${api.origin}/redirect/302?to=${encodeURIComponent(to)}`))
      expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed' })
    }
  })
})
