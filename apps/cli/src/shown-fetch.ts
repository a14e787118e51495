import { type Fetch, systemClock } from '@latchkey/core'
import type { Io } from './io.ts'
import { terminalText } from './terminal-text.ts'

/** A `fetch` that says on stderr what is asked and what came: address without query, status, time. Headers and bodies hold secrets. */
export function shownFetch({ err }: Io): Fetch {
  return async (input, init) => {
    const began = systemClock.monotonic()
    const { origin, pathname } = new URL(input)
    const said = (outcome: string): void =>
      err(terminalText(`${init.method ?? 'GET'} ${origin}${pathname}: ${outcome}, ${ms()} ms`).concat('\n'))
    const ms = (): number => Math.round(systemClock.monotonic() - began)
    try {
      const response = await fetch(input, init)
      said(String(response.status))
      return response
    } catch (error) {
      said('no answer')
      throw error
    }
  }
}
