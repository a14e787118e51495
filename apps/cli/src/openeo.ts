import { type Backend, connect, knownBackends } from '@latchkey/openeo'
import type { Context } from './command.ts'
import { terminalText } from './terminal-text.ts'

/** Connects to a back-end with what the program works with. Ended by a signal. */
export function connected(backend: string, { io, fetch, store }: Context): Promise<Backend> {
  return connect(backend, {
    env: io.env,
    fetch,
    store: store(),
    known: knownBackends({ env: io.env }),
    signal: io.interruption(),
  })
}

/** Says why a provider and client were chosen. */
export function explain(reasons: readonly string[], { err }: Context['io']): void {
  for (const reason of reasons) err(`${terminalText(reason)}\n`)
}

/** A line that the openEO tool logs as a warning. */
export function warn(text: string, { err }: Context['io']): void {
  err(`Warning: ${terminalText(text)}\n`)
}
