import { type DpopKey, type DpopToken, dpop, dpopKey, type TokenSource } from '@latchkey/core'
import { expect } from 'vitest'
import type { Arrival } from '../api/route.ts'
import type { AdapterBench } from './adapter-bench.ts'
import type { AdapterRow } from './adapter-replay-rows.ts'

let key: DpopKey | undefined

/** The bench's own tokens, bound to a key. */
async function bound({ source }: AdapterBench): Promise<TokenSource<DpopToken>> {
  key ??= await dpopKey()
  const dpopToken = { tokenType: 'DPoP', key }
  return { getToken: async (options) => ({ ...(await source.getToken(options)), ...dpopToken }) }
}

/** What a proof claims; its signature is core's affair. */
function claimsOf({ headers }: Arrival): Readonly<Record<string, unknown>> {
  const payload = (headers['dpop'] ?? '').split('.')[1] ?? ''
  return payload === '' ? {} : (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>)
}

/** Rows of RFC 9449: what a client must let an adapter do for proofs. */
export const dpopRows: readonly AdapterRow[] = [
  {
    name: 'each hop has a proof of its own, and a foreign origin neither proof nor token',
    run: async (bench) => {
      const { a, b, client } = bench
      const send = await client(dpop(await bound(bench), a.origin))
      const away = `${a.origin}/redirect/302?to=${encodeURIComponent(`${b.origin}/there`)}`
      await send({ method: 'GET', url: `${a.origin}/redirect/302?to=${encodeURIComponent(away)}` })
      expect(a.arrivals.map((one) => claimsOf(one)['htu'])).toEqual([
        `${a.origin}/redirect/302`,
        `${a.origin}/redirect/302`,
      ])
      expect(new Set(a.arrivals.map((one) => claimsOf(one)['jti'])).size).toBe(2)
      expect(b.arrivals.map(({ headers }) => [headers['authorization'], headers['dpop']])).toEqual([
        [undefined, undefined],
      ])
    },
  },
  {
    name: 'a demand for a nonce is met once, with the same token and the same body',
    run: async (bench) => {
      const { a, client, source } = bench
      const send = await client(dpop(await bound(bench), a.origin))
      const body = { kind: 'json', value: { x: 1 } } as const
      expect((await send({ method: 'POST', url: `${a.origin}/nonce/n1`, body })).status).toBe(200)
      expect((await send({ method: 'POST', url: `${a.origin}/nonce/n1`, body })).status).toBe(200)
      expect(a.arrivals.map((one) => [claimsOf(one)['nonce'], one.body])).toEqual([
        [undefined, '{"x":1}'],
        ['n1', '{"x":1}'],
        ['n1', '{"x":1}'],
      ])
      expect(source.renewals).toBe(0)
    },
  },
  {
    name: 'a nonce demand and a revoked token on one call',
    run: async (bench) => {
      const { a, client, revoke, source } = bench
      const send = await client(dpop(await bound(bench), a.origin))
      revoke()
      expect((await send({ method: 'GET', url: `${a.origin}/nonce/n1` })).status).toBe(200)
      expect(a.arrivals).toHaveLength(3)
      expect(source.renewals).toBe(1)
    },
  },
  {
    name: 'a nonce rotated with a good answer is in the next proof',
    run: async (bench) => {
      const { a, client } = bench
      const send = await client(dpop(await bound(bench), a.origin))
      for (const _ of [1, 2, 3]) await send({ method: 'GET', url: `${a.origin}/rotate` })
      const [first, second, third] = a.arrivals.map((one) => claimsOf(one)['nonce'])
      expect(first).toBeUndefined()
      expect([typeof second, typeof third]).toEqual(['string', 'string'])
      expect(second).not.toBe(third)
    },
  },
]
