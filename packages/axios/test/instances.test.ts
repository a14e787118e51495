import { inspect } from 'node:util'
import { anyOf, bearer, staticToken } from '@latchkey/core'
import axios, { type AxiosAdapter, type AxiosError, type AxiosInstance } from 'axios'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { withAuth, withoutAuth } from '../src/index.ts'
import { adapters, api, apiWithLogin, carried, rejection } from './servers.ts'

describe('an instance', () => {
  test('keeps its type, and is the one that was given', () => {
    const authorizer = bearer(staticToken('t'), 'https://api.example.org')
    const mine = Object.assign(axios.create(), { extra: 1 })
    const client = withAuth(authorizer, mine)
    expect(client).toBe(mine)
    expectTypeOf(client).toEqualTypeOf<AxiosInstance & { extra: number }>()
    expectTypeOf(withAuth(authorizer)).toEqualTypeOf<AxiosInstance>()
    expectTypeOf(withoutAuth(client)).toEqualTypeOf<AxiosInstance & { extra: number }>()
    expectTypeOf(client.get<{ id: string }>)
      .returns.resolves.toHaveProperty('data')
      .toEqualTypeOf<{ id: string }>()
  })

  test('is as it was after withoutAuth, and may be given another authorizer', async () => {
    const { a, source, client } = await apiWithLogin({ validateStatus: () => true })
    const { adapter, headers } = client.defaults
    const { config } = await client.get('/x')
    expect(withoutAuth(client)).toBe(client)
    expect(client.interceptors.request.handlers).toEqual([])
    expect([client.defaults.adapter, client.defaults.headers]).toEqual([adapter, headers])
    await client.get('/x')
    await client.request(config)
    expect(carried(a)).toEqual(['Bearer t1', undefined, undefined])
    expect(source.asked).toBe(1)
    withoutAuth(client)
    await withAuth(bearer(source, a.origin), client).get('/x')
    expect(carried(a).at(-1)).toBe('Bearer t1')
  })

  test('is not given two authorizers', async () => {
    const { a, client } = await apiWithLogin()
    expect(() => withAuth(bearer(staticToken('other'), a.origin), client)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('anyOf') as string }),
    )
  })

  test('serves two APIs with anyOf, each with its own token', async () => {
    const [one, two] = [await api(), await api()]
    const authorizer = anyOf([bearer(staticToken('t-one'), one.origin), bearer(staticToken('t-two'), two.origin)])
    const client = withAuth(authorizer)
    await Promise.all([client.get(`${one.origin}/x`), client.get(`${two.origin}/x`)])
    expect([carried(one), carried(two)]).toEqual([['Bearer t-one'], ['Bearer t-two']])
  })

  test('runs transforms and interceptors once a call, whatever is sent again', async () => {
    const { a, client } = await apiWithLogin({ headers: { 'content-type': 'text/plain' } })
    const ran: string[] = []
    const note =
      (what: string) =>
      <T>(value: T): T => {
        ran.push(what)
        return value
      }
    client.interceptors.request.use(note('request'))
    client.interceptors.response.use(note('response'))
    a.refuse('t1')
    const transforms = { transformRequest: note('out'), transformResponse: note('in') }
    await client.post('/redirect/307?to=/there', 'body', transforms)
    expect(ran).toEqual(['request', 'out', 'in', 'response'])
    expect(a.arrivals.map((one) => one.body)).toEqual(['body', 'body', 'body'])
  })

  test('makes another one by create, which has no authorizer', async () => {
    const { a, client } = await apiWithLogin({ validateStatus: () => true })
    await client.create().get('/x')
    expect(carried(a)).toEqual([undefined])
  })

  test('sends with an adapter of the caller’s own, which sees the request as it always did', async () => {
    const seen: unknown[] = []
    const adapter: AxiosAdapter = async (config) => {
      seen.push([config.baseURL, config.url, config.params, config.headers.get('authorization')])
      return { data: 'mine', status: 200, statusText: 'OK', headers: {}, config }
    }
    const { a, client } = await apiWithLogin({ adapter })
    expect((await client.get('/x', { params: { q: 1 } })).data).toBe('mine')
    expect(seen).toEqual([[a.origin, '/x', { q: 1 }, 'Bearer t1']])
  })
})

describe.each(adapters)('with the %s adapter', (adapter) => {
  test('19: an absolute address given to an instance with a base address carries nothing', async () => {
    const other = await api()
    const { a, source, client } = await apiWithLogin({ adapter, validateStatus: () => true })
    const { host } = new URL(other.origin)
    for (const url of [`${other.origin}/x`, `//${host}/x`, `HTTP://${host}/x`, `${other.origin}/${a.origin}/`]) {
      await rejection(client.get(url))
    }
    await rejection(client.get(a.origin.replace('://', `://${host}\\@`)))
    expect(new Set(carried(other))).toEqual(new Set([undefined]))
    expect([carried(a), source.asked]).toEqual([[], 0])
  })

  test('parameters and base addresses are as without us, and the authorizer sees the whole address', async () => {
    const a = await api()
    const asked: string[] = []
    const client = withAuth(
      async ({ method, url }) => {
        asked.push(`${method} ${url.href}`)
        return { headers: { authorization: 'Bearer t' } }
      },
      axios.create({ baseURL: `${a.origin}/open/v1/`, params: { key: 'ä b' }, adapter }),
    )
    const bare = axios.create({ ...client.defaults } as never)
    for (const url of ['/x', 'x?y=1', '', `${a.origin}/open/z#there`]) {
      await client.delete(url)
      await bare.delete(url)
    }
    const paths = a.arrivals.map((one) => one.path)
    expect(paths.filter((_, index) => index % 2 === 0)).toEqual(paths.filter((_, index) => index % 2 === 1))
    expect(asked[0]).toBe(`DELETE ${a.origin}/open/v1/x?key=%C3%A4+b`)
    expect(asked.map((one) => one.split(a.origin)[1]?.split('#')[0])).toEqual(
      paths.filter((_, index) => index % 2 === 0),
    )
  })

  test('an error shows the caller’s own configuration, which a library that retries can send again', async () => {
    const { a, source, client } = await apiWithLogin({ adapter })
    const error = (await rejection(client.post('/status/503', { x: 1 }))) as AxiosError
    expect(error).toMatchObject({ isAxiosError: true, status: 503, response: { data: { status: 503 } } })
    expect(error.response?.config).toBe(error.config)
    expect(inspect([error.config, error.response?.config, error.message, error.cause], { depth: 9 })).not.toContain(
      't1',
    )
    expect(JSON.stringify(error)).not.toContain('t1')
    expect(await rejection(client.request(error.config ?? {}))).toMatchObject({ status: 503 })
    a.refuse('t1')
    expect(await rejection(client.request({ ...error.config, url: '/status/500' }))).toMatchObject({ status: 500 })
    expect(carried(a)).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1', 'Bearer t2'])
    expect(new Set(a.arrivals.map((one) => one.body))).toEqual(new Set(['{"x":1}']))
    expect(source.renewals).toBe(1)
  })

  test('what axios cannot send it says itself', async () => {
    const { source, client } = await apiWithLogin({ adapter, baseURL: '' })
    const bare = axios.create({ adapter })
    for (const url of ['relative', 'https:missing.example', 'ftp://x.example/']) {
      const [ours, theirs] = [await rejection(client.get(url)), await rejection(bare.get(url))] as Error[]
      expect([ours?.name, ours?.message]).toEqual([theirs?.name, theirs?.message])
    }
    expect(source.asked).toBe(0)
  })
})

test('21: what axios hangs on an error still shows the token, as the README says', async () => {
  const { client } = await apiWithLogin()
  const error = await rejection(client.get('/status/503'))
  expect(inspect(error)).toContain('Bearer t1')
  expect(JSON.stringify((error as AxiosError).toJSON())).not.toContain('Bearer t1')
})
