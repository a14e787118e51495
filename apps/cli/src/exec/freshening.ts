import { type Clock, isAuthError, type Token, type TokenSource } from '@latchkey/core'

/** A token with less than this to live is renewed: a program that has just read it must get something done with it. */
const longestAheadMs = 60_000
/** A sleeping machine stops timers, and another process may have renewed: looked at anew so often. */
const longestSleepMs = 60_000
const shortestSleepMs = 1_000
const pauseAfterFailureMs = 15_000

/** What keeps a token fresh. */
export interface Freshening {
  readonly source: TokenSource
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told of each new token. May throw, which counts as a failure. */
  readonly renewed: (token: Token) => void
  /** Told once of failures in a row. */
  readonly failed: (message: string) => void
}

/** Renews a token before it ends, over and over, until the signal fires. Never rejects. */
export async function keepFresh(first: Token, { source, clock, signal, renewed, failed }: Freshening): Promise<void> {
  let token = first
  let ahead = aheadOf(token, clock.now())
  let failing = false
  while (!signal.aborted && token.expiresAt !== undefined) {
    const left = failing ? pauseAfterFailureMs : token.expiresAt - 2 * ahead - clock.now()
    await clock.sleep(Math.min(longestSleepMs, Math.max(shortestSleepMs, left)), signal).catch(() => undefined)
    if (signal.aborted) return
    if (!failing && token.expiresAt - 2 * ahead > clock.now()) continue
    try {
      const next = await source.getToken({ minValid: 2 * ahead, signal })
      if (next.accessToken !== token.accessToken) {
        renewed(next)
        token = next
        ahead = aheadOf(token, clock.now())
      }
      failing = false
    } catch (error) {
      if (signal.aborted) return
      if (!failing) failed(isAuthError(error) ? error.message : String((error as { code?: unknown }).code ?? error))
      failing = true
    }
  }
}

/** A quarter of a short life, a minute of a long one. */
function aheadOf({ expiresAt }: Token, now: number): number {
  return expiresAt === undefined ? 0 : Math.max(0, Math.min(longestAheadMs, (expiresAt - now) / 4))
}
