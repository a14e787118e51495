import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** A browser on the same machine has read a page of 4 KB long before. */
const sendingMs = 1_000

/** Waits for `ms`, or until the signal fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}

/** Lets the last pages leave, then ends every connection, also those that were kept alive or never said a word. */
export async function closeServers(servers: readonly Server[], last: readonly ServerResponse[]): Promise<void> {
  const sent = new AbortController()
  const leaving = last.filter((response) => !response.closed).map((response) => once(response, 'close'))
  void Promise.allSettled(leaving).then(() => sent.abort())
  await pause(sendingMs, sent.signal)
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
  for (const server of servers) server.closeAllConnections()
  await Promise.all(closed)
}
