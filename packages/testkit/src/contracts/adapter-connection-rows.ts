import { expect } from 'vitest'
import type { AdapterRow } from './adapter-replay-rows.ts'

/** What becomes of the connections on which refusals came. */
export const connectionRows: readonly AdapterRow[] = [
  {
    name: 'a refused answer gives its connection back',
    run: async ({ a, get, revoke }) => {
      a.settings.refusalBytes = 40_000
      for (let call = 0; call < 10; call++) {
        revoke()
        expect((await get(`${a.origin}/x`)).status).toBe(200)
      }
      expect(a.arrivals.length).toBe(20)
      // Not one: some clients take a second connection when they are quicker than the first is free.
      expect(new Set(a.arrivals.map((one) => one.port)).size).toBeLessThan(4)
    },
  },
  {
    name: 'a refusal of 1 MB is thrown away and the request sent again, five times of five',
    run: async ({ a, send, revoke, source }) => {
      a.settings.refusalBytes = 1_000_000
      for (let call = 1; call <= 5; call++) {
        revoke()
        const body = { kind: 'json', value: { call } } as const
        expect((await send({ method: 'POST', url: `${a.origin}/x`, body })).status).toBe(200)
        expect([a.arrivals.length, source.renewals]).toEqual([2 * call, call])
      }
    },
  },
]
