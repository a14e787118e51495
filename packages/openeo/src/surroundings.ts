import { type Fetch, systemClock } from '@latchkey/core'
import { authConfig, fileStore } from '@latchkey/file-store'
import type { ConnectOptions } from './backend.ts'
import type { Connection } from './connection.ts'
import type { Root } from './discovery.ts'
import { knownBackends } from './known-backends.ts'

/** What a connection works with that is not the back-end's: files, network, clock. */
export type Surroundings = Omit<Connection, 'url' | keyof Root>

/** What the caller gave, and the machine's own for the rest. Touches no disk. */
export function surroundings(options: ConnectOptions): Surroundings {
  const { env = process.env, clock = systemClock, store } = options
  const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  return {
    env,
    access: { fetch, clock },
    fetch: options.fetch,
    store: store ?? fileStore({ env, clock }),
    ownStore: store !== undefined,
    config: options.config ?? authConfig({ env, clock }),
    known: options.known ?? (store === undefined ? knownBackends({ env, clock }) : undefined),
  }
}
