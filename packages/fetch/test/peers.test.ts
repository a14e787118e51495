import { anyOf, bearer, staticToken } from '@latchkey/core'
import ky from 'ky'
import { ofetch } from 'ofetch'
import createClient from 'openapi-fetch'
import { describe, expect, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { apiWithLogin, otherApi } from './servers.ts'

async function* lines(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('one, ')
  yield new TextEncoder().encode('two')
}

/** What other packages get wrong: the numbers are those of the list of defects that were reproduced in them. */
describe('defects of peers', () => {
  test('7: a token is not sent to another origin', async () => {
    const { api, fetch } = await apiWithLogin()
    const other = await otherApi()
    await fetch(`${other.origin}/open/x`)
    await fetch(`${other.origin}/open/${api.origin}/`)
    await fetch(api.origin.replace('http://', `http://${new URL(other.origin).host}/open/`))
    expect(other.arrivals.map((one) => one.headers['authorization'])).toEqual([undefined, undefined, undefined])
  })

  test('10: requests that are refused while a renewal runs are sent again, all of them', async () => {
    const { api, source, fetch } = await apiWithLogin(100)
    api.refuse('t1')
    const delays = [0, 10, 20, 50, 90, 150]
    const calls = delays.map((delay) => {
      api.settings.delay = delay
      return fetch(`${api.origin}/x`)
    })
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(delays.map(() => 200))
    expect(source.renewals).toBe(1)
  })

  test('11: a stream is never sent again empty', async () => {
    const { api, source, fetch } = await apiWithLogin()
    for (const body of [new Blob(['one, two']).stream(), lines()]) {
      api.clear()
      api.refuse(source.current)
      const response = await fetch(`${api.origin}/x`, { method: 'POST', body: body as ReadableStream, duplex: 'half' })
      expect(response.status).toBe(401)
      expect(api.arrivals.map((one) => one.body)).toEqual(['one, two'])
    }
  })

  test('17: several renewals at once do not lose the one that succeeded', async () => {
    const { api, source, fetch } = await apiWithLogin(30)
    for (let round = 0; round < 3; round++) {
      api.refuse(source.current)
      const answers = await Promise.all(Array.from({ length: 3 }, () => fetch(`${api.origin}/x`)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    }
    expect(source.renewals).toBe(3)
  })

  test('18: a header is not put back after a redirect to another host', async () => {
    const { api, fetch } = await apiWithLogin()
    const other = await otherApi()
    const twice = encodeURIComponent(`${other.origin}/open/redirect/302?to=/open/there`)
    await fetch(`${api.origin}/redirect/302?to=${twice}`)
    expect(other.arrivals.map((one) => one.headers['authorization'])).toEqual([undefined, undefined])
  })

  test('19: an absolute address given to a client with a base address carries nothing', async () => {
    const { api, fetch } = await apiWithLogin()
    const other = await otherApi()
    const foreign = `${other.origin}/open/x`
    await ky.create({ baseUrl: api.origin, fetch }).get(foreign)
    await ofetch.create({ baseURL: api.origin }, { fetch })(foreign)
    await createClient<Record<string, never>>({ baseUrl: api.origin, fetch }).request(
      'get',
      '/x' as never,
      {
        baseUrl: `${other.origin}/open`,
      } as never,
    )
    expect(other.arrivals.map((one) => [one.path, one.headers['authorization']])).toEqual([
      ['/open/x', undefined],
      ['/open/x', undefined],
      ['/open/x', undefined],
    ])
  })

  test('20: a redirect to a subdomain of the API carries nothing', async () => {
    const sent: [string, string | null][] = []
    const inner = async (input: string, init?: RequestInit): Promise<Response> => {
      sent.push([input, new Headers(init?.headers).get('authorization')])
      const to = { 'https://api.example.org/a': 'https://files.api.example.org/b' }[input]
      return to === undefined ? new Response('ok') : new Response(null, { status: 302, headers: { location: to } })
    }
    const fetch = withAuth(bearer(staticToken('t'), 'https://api.example.org'), inner)
    expect((await fetch('https://api.example.org/a')).redirected).toBe(true)
    expect(sent).toEqual([
      ['https://api.example.org/a', 'Bearer t'],
      ['https://files.api.example.org/b', null],
    ])
  })

  test('two APIs in one client get their own tokens, also across a redirect', async () => {
    const one = await otherApi()
    const two = await otherApi()
    const fetch = withAuth(anyOf([bearer(staticToken('t-one'), one.origin), bearer(staticToken('t-two'), two.origin)]))
    await fetch(`${one.origin}/redirect/307?to=${encodeURIComponent(`${two.origin}/x`)}`, { method: 'POST', body: 'b' })
    expect(one.arrivals.map((arrival) => arrival.headers['authorization'])).toEqual(['Bearer t-one'])
    expect(two.arrivals.map((arrival) => [arrival.headers['authorization'], arrival.body])).toEqual([
      ['Bearer t-two', 'b'],
    ])
  })
})
