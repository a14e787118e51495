import { expect } from 'vitest'
import type { ProtectedApi } from '../api/protected-api.ts'
import type { AdapterRow } from './adapter-replay-rows.ts'

/** The address on `api` that redirects to `to`. `open` ones need no token. */
const via = (api: ProtectedApi, to: string, status = 302, open = ''): string =>
  `${api.origin}${open}/redirect/${status}?to=${encodeURIComponent(to)}`

/** What each request carried: `Authorization`, and any header of ours. */
const carried = (api: ProtectedApi): (string | undefined)[] => api.arrivals.map((one) => one.headers['authorization'])

const originRows: readonly AdapterRow[] = [
  {
    name: 'a redirect within an allowed origin is authorized',
    run: async ({ a, get }) => {
      expect(await get(via(a, '/there'))).toMatchObject({ status: 200, url: `${a.origin}/there` })
      expect(carried(a)).toEqual(['Bearer t1', 'Bearer t1'])
    },
  },
  {
    name: 'a redirect to another allowed origin is authorized',
    run: async ({ a, c, get }) => {
      expect(await get(via(a, `${c.origin}/there`))).toMatchObject({ status: 200, url: `${c.origin}/there` })
      expect(carried(c)).toEqual(['Bearer t1'])
    },
  },
  {
    name: 'a redirect to a foreign origin carries nothing, and its refusal renews nothing',
    run: async ({ a, b, get, source }) => {
      expect(await get(via(a, `${b.origin}/there`))).toMatchObject({ status: 401, url: `${b.origin}/there` })
      expect(carried(b)).toEqual([undefined])
      expect(source.renewals).toBe(0)
    },
  },
  {
    name: 'a chain that has left comes back with nothing',
    run: async ({ a, b, get }) => {
      const back = via(b, `${a.origin}/back`, 302, '/open')
      expect((await get(via(a, back))).status).toBe(401)
      expect(a.received('/back').map((one) => one.headers['authorization'])).toEqual([undefined])
      expect(carried(b)).toEqual([undefined])
    },
  },
  {
    name: 'a chain that starts outside carries nothing inside',
    run: async ({ a, b, get, source }) => {
      expect((await get(via(b, `${a.origin}/in`, 302, '/open'))).status).toBe(401)
      expect(carried(a)).toEqual([undefined])
      expect(source.asked).toBe(0)
    },
  },
  {
    name: 'no header of an authorization reaches a foreign origin, whatever its name',
    run: async ({ a, b, client }) => {
      const send = await client(async ({ url }) =>
        url.origin === a.origin ? { headers: { authorization: 'DPoP t1', dpop: `for ${url.pathname}` } } : undefined,
      )
      await send({ method: 'GET', url: via(a, via(a, `${b.origin}/there`)) })
      expect(a.arrivals.map((one) => one.headers['dpop'])).toEqual(['for /redirect/302', 'for /redirect/302'])
      expect(b.arrivals.map((one) => [one.headers['authorization'], one.headers['dpop']])).toEqual([
        [undefined, undefined],
      ])
    },
  },
  {
    name: 'each hop is put to the authorizer with its own method and address',
    run: async ({ a, c, client }) => {
      const asked: string[] = []
      const send = await client(async ({ method, url }) => {
        asked.push(`${method} ${url.origin}${url.pathname}`)
        return { headers: { authorization: 'Bearer t1' } }
      })
      await send({ method: 'POST', url: via(a, `${c.origin}/there`, 303), body: { kind: 'json', value: 1 } })
      expect(asked).toEqual([`POST ${a.origin}/redirect/303`, `GET ${c.origin}/there`])
    },
  },
]

const bodyRow = (status: number, method: string, keeps: boolean): AdapterRow => ({
  name: `a POST redirected with ${status} becomes a ${method} ${keeps ? 'with' : 'without'} its body`,
  run: async ({ a, send }) => {
    const body = { kind: 'json', value: { x: 1 } } as const
    expect((await send({ method: 'POST', url: via(a, '/there', status), body })).status).toBe(200)
    const [there] = a.received('/there')
    expect([there?.method, there?.body]).toEqual([method, keeps ? '{"x":1}' : ''])
    expect(there?.headers['content-type'] !== undefined).toBe(keeps)
    expect(there?.headers['authorization']).toBe('Bearer t1')
  },
})

const behaviourRows: readonly AdapterRow[] = [
  bodyRow(301, 'GET', false),
  bodyRow(302, 'GET', false),
  bodyRow(303, 'GET', false),
  bodyRow(307, 'POST', true),
  bodyRow(308, 'POST', true),
  {
    name: 'a token that is refused after a redirect is renewed there',
    run: async ({ a, c, get, revoke, source }) => {
      revoke()
      expect((await get(via(a, `${c.origin}/there`, 302, '/open'))).status).toBe(200)
      expect(carried(c)).toEqual(['Bearer t1', 'Bearer t2'])
      expect([a.arrivals.length, source.renewals]).toEqual([1, 1])
    },
  },
  {
    name: 'redirects that never end end with an error',
    run: async ({ a, get }) => {
      await expect(get(`${a.origin}/hops/100`)).rejects.toThrow()
      expect(a.arrivals.length).toBeLessThan(60)
    },
  },
]

/** What callers see of redirects. */
export const redirectRows: readonly AdapterRow[] = [...originRows, ...behaviourRows]
