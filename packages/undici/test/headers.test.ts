import { type Dispatcher, request } from 'undici'
import { describe, expect, test } from 'vitest'
import { dispatcherWith } from './clients.ts'
import { apiWithLogin, otherApi } from './servers.ts'

type Given = NonNullable<Dispatcher.DispatchOptions['headers']>

function* fields(name: string, value: string): Generator<[string, string]> {
  yield ['x-mine', 'kept']
  yield [name, value]
}

const forms: readonly (readonly [string, (name: string, value: string) => Given])[] = [
  ['a record', (name, value) => ({ 'x-mine': 'kept', [name]: value })],
  ['a flat list', (name, value) => ['x-mine', 'kept', name, value]],
  ['a list of pairs', (name, value) => [...fields(name, value)]],
  ['a Map', (name, value) => new Map(fields(name, value))],
  ['Headers', (name, value) => new Headers([...fields(name, value)]) as Iterable<[string, string]>],
  ['an iterator that can be read once', fields],
]

describe.each(forms)('headers given as %s', (form, make) => {
  test('go out with ours', async () => {
    const { api, dispatcher } = await apiWithLogin()
    await (await request(`${api.origin}/x`, { dispatcher, headers: make('X-Other', '2') })).body.dump()
    expect(api.arrivals[0]?.headers).toMatchObject({ 'x-mine': 'kept', 'x-other': '2', authorization: 'Bearer t1' })
  })

  test('with an Authorization of their own stay as they are, here and after redirects', async () => {
    const { api, source, dispatcher } = await apiWithLogin()
    const headers = make('AUTHORIZATION', 'Bearer mine')
    const url = `${api.origin}/open/redirect/302?to=/open/there`
    expect((await request(url, { dispatcher, headers })).statusCode).toBe(200)
    const sent = api.arrivals.map((one) => [one.headers['authorization'], one.headers['x-mine']])
    // undici's redirect interceptor reads headers a second time.
    const redirected = form.includes('once') ? [undefined, undefined] : ['Bearer mine', 'kept']
    expect(sent).toEqual([['Bearer mine', 'kept'], redirected])
    expect(source.asked).toBe(0)
  })

  test('with an Authorization of their own carry none of ours to another of our origins', async () => {
    const { api } = await apiWithLogin()
    const other = await otherApi()
    const dispatcher = dispatcherWith(async () => ({ headers: { authorization: 'Bearer ours' } }))
    const url = `${other.origin}/open/redirect/302?to=${encodeURIComponent(`${api.origin}/open/x`)}`
    await request(url, { dispatcher, headers: make('Authorization', 'Bearer mine') })
    expect(other.arrivals[0]?.headers['authorization']).toBe('Bearer mine')
    expect(api.arrivals.map((one) => one.headers['authorization'])).toEqual([undefined])
  })

  test('give way to what an authorization says under the same name', async () => {
    const { api } = await apiWithLogin()
    const dispatcher = dispatcherWith(async () => ({ headers: { dpop: 'ours' } }))
    await (await request(`${api.origin}/open/x`, { dispatcher, headers: make('DPoP', 'theirs') })).body.dump()
    expect(api.arrivals[0]?.headers).toMatchObject({ dpop: 'ours', 'x-mine': 'kept' })
  })
})

test('an Authorization that is undefined is none', async () => {
  const { api, dispatcher } = await apiWithLogin()
  const headers = { authorization: undefined }
  expect((await request(`${api.origin}/x`, { dispatcher, headers })).statusCode).toBe(200)
})

test('what a caller passed is not changed', async () => {
  const { api, dispatcher } = await apiWithLogin()
  const headers = Object.freeze({ 'x-mine': '1' })
  const options = Object.freeze({ dispatcher, headers, query: Object.freeze({ a: 'ü &', b: ['1', '2'] }) })
  expect((await request(`${api.origin}/x`, options)).statusCode).toBe(200)
  expect(api.arrivals[0]?.path).toBe('/x?a=%C3%BC%20%26&b=1&b=2')
})

test('an authorizer sees the address with its query', async () => {
  const { api } = await apiWithLogin()
  const seen: string[] = []
  const dispatcher = dispatcherWith(async ({ method, url }) => void seen.push(`${method} ${url.href}`))
  await request(`${api.origin}/open/x`, { dispatcher, method: 'DELETE', query: { a: '1 2', b: ['3', '4'] } })
  await request(`${api.origin}/open/y?c=5`, { dispatcher })
  expect(seen).toEqual([`DELETE ${api.origin}/open/x?a=1%202&b=3&b=4`, `GET ${api.origin}/open/y?c=5`])
  expect(api.arrivals.map((one) => one.path)).toEqual(['/open/x?a=1%202&b=3&b=4', '/open/y?c=5'])
})
