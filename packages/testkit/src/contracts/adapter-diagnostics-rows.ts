import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { DiagnosticsChannel } from '@latchkey/core'
import { expect } from 'vitest'
import type { AdapterRow } from './adapter-replay-rows.ts'

/** Everything that is published on a channel while something runs. */
async function heard(name: DiagnosticsChannel, run: () => Promise<unknown>): Promise<readonly unknown[]> {
  const messages: unknown[] = []
  const hear = (message: unknown): void => void messages.push(message)
  subscribe(name, hear)
  try {
    await run()
  } finally {
    unsubscribe(name, hear)
  }
  return messages
}

/** What an adapter tells `node:diagnostics_channel`. */
export const diagnosticsRows: readonly AdapterRow[] = [
  {
    name: 'a refusal is told with its origin, method and status',
    run: async ({ a, get, revoke }) => {
      revoke()
      const said = await heard('latchkey:token-refused', () => get(`${a.origin}/x`))
      expect(said).toEqual([{ origin: a.origin, method: 'GET', status: 401, reason: 'token' }])
    },
  },
  {
    name: 'a redirect away from the allowed origins is told with its hop',
    run: async ({ a, b, get }) => {
      const away = `${a.origin}/redirect/302?to=${encodeURIComponent(`${b.origin}/there`)}`
      const said = await heard('latchkey:left-origins', () => get(away))
      expect(said).toEqual([{ origin: b.origin, hop: 1 }])
    },
  },
]
