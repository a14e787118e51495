import type { Authorizer } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { type AdapterBench, type AdapterSend, adapterBench } from './adapter-bench.ts'
import { connectionRows } from './adapter-connection-rows.ts'
import { crowdRows } from './adapter-crowd-rows.ts'
import { diagnosticsRows } from './adapter-diagnostics-rows.ts'
import { dpopRows } from './adapter-dpop-rows.ts'
import { redirectRows } from './adapter-redirect-rows.ts'
import { type AdapterRow, replayRows } from './adapter-replay-rows.ts'

/** An HTTP client with `withAuth` in it. */
export interface AdapterUnderTest {
  /** A client that resolves for every status and follows redirects. */
  client(authorizer: Authorizer): AdapterSend | Promise<AdapterSend>
  /** Whether this is how the client itself reports an abort. */
  isAbort(error: unknown, reason: unknown): boolean
  /** Rows that this client cannot have, by name, each with the client's own reason. They must fail. */
  readonly cannot?: Readonly<Record<string, string>> | undefined
}

const abortRows = (adapter: AdapterUnderTest): readonly AdapterRow[] => [
  {
    name: 'an abort ends one caller’s wait for a token, and no other’s',
    delay: 300,
    run: async ({ a, source, send, get }) => {
      source.expire()
      const started = performance.now()
      const abort = new AbortController()
      const reason = new Error('changed my mind')
      setTimeout(() => abort.abort(reason), 30)
      const other = get(`${a.origin}/other`)
      const error: unknown = await send({ method: 'GET', url: `${a.origin}/x`, signal: abort.signal }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(performance.now() - started).toBeLessThan(250)
      expect(adapter.isAbort(error, reason)).toBe(true)
      expect((await other).status).toBe(200)
      expect(a.arrivals.map((one) => one.path)).toEqual(['/other'])
      expect(source.renewals).toBe(1)
    },
  },
  {
    name: 'an abort ends the wait for a renewal after a refusal',
    delay: 300,
    run: async ({ a, revoke, send }) => {
      revoke()
      const abort = new AbortController()
      setTimeout(() => abort.abort(new Error('enough')), 100)
      const error: unknown = await send({ method: 'GET', url: `${a.origin}/x`, signal: abort.signal }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(adapter.isAbort(error, abort.signal.reason)).toBe(true)
      expect(a.arrivals.length).toBe(1)
    },
  },
]

async function withBench(adapter: AdapterUnderTest, row: AdapterRow): Promise<void> {
  const { delay, fails } = row
  const bench: AdapterBench = await adapterBench((authorizer) => adapter.client(authorizer), { delay, fails })
  try {
    await row.run(bench)
  } finally {
    await bench.close()
  }
}

/**
 * The contract of every adapter. A row that a client cannot have is not skipped: it runs, its name says why, and it
 * must fail, so that the day the client learns it shows.
 */
export function adapterContract(name: string, adapter: AdapterUnderTest): void {
  const rows = [
    ...replayRows,
    ...redirectRows,
    ...crowdRows,
    ...connectionRows,
    ...dpopRows,
    ...diagnosticsRows,
    ...abortRows(adapter),
  ]
  describe(`${name} keeps the contract of adapters`, () => {
    for (const row of rows) {
      const reason = adapter.cannot?.[row.name]
      if (reason === undefined) test(row.name, () => withBench(adapter, row))
      else test.fails(`${row.name} (cannot: ${reason})`, () => withBench(adapter, row))
    }
    test('the rows it cannot have are rows', () => {
      const names = new Set(rows.map((row) => row.name))
      expect(Object.keys(adapter.cannot ?? {}).filter((row) => !names.has(row))).toEqual([])
    })
  })
}
