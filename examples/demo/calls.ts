import { setTimeout as delay } from 'node:timers/promises'
import type { TokenSource } from '@latchkey/core'
import { line } from './screen.ts'

interface CallOptions {
  readonly fetch: typeof globalThis.fetch
  readonly seconds: number
  /** Takes an access token back before its time, as an administrator does. */
  readonly withdraw: (accessToken: string) => void
  readonly source: TokenSource
  /** Refusals the API has given so far. */
  readonly refusals: () => number
}

interface Calls {
  readonly made: number
  readonly good: number
  /** Refusals of the token that was taken back. */
  readonly refusedOnPurpose: number
}

const atOnce = 5
const roundMs = 250

/** Five calls at once, four times a second; half-way through, the token is taken back under them. */
export async function callAgainAndAgain(url: string, options: CallOptions): Promise<Calls> {
  const { fetch, seconds, withdraw, source, refusals } = options
  const rounds = (seconds * 1000) / roundMs
  let good = 0
  let refusedOnPurpose = 0
  for (let round = 0; round < rounds; round++) {
    const before = refusals()
    const takenBack = round === rounds / 2
    if (takenBack) {
      withdraw((await source.getToken()).accessToken)
      line('        (the access token is withdrawn at the issuer, before its time)')
    }
    const answers = await Promise.all(Array.from({ length: atOnce }, () => fetch(url)))
    for (const answer of answers) await answer.text()
    good += answers.filter((answer) => answer.status === 200).length
    if (takenBack) refusedOnPurpose = refusals() - before
    if (round % 4 === 3)
      line(`${String((round + 1) / 4).padStart(4)} s  ${good} of ${(round + 1) * atOnce} answered 200`)
    await delay(roundMs)
  }
  return { made: rounds * atOnce, good, refusedOnPurpose }
}
