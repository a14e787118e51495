import type { Clock } from '../clock.ts'

/** The longest time before its end at which a token stops being handed out. */
const longestMargin = 30_000

/** When a token came and ends. */
export interface Lifetime {
  /** Epoch milliseconds of receipt. */
  readonly receivedAt: number
  /** Epoch milliseconds; absent: until refused. */
  readonly expiresAt?: number
}

/** Milliseconds before its end at which a token stops being handed out: 30 s, or a tenth of a short life. */
function marginOf(lifetime: number): number {
  return Math.min(longestMargin, lifetime / 10)
}

/**
 * Whether a token may still be handed out. Two clocks: the wall clock is set back at times, and the monotonic one
 * stops while a laptop sleeps, so whichever passes first counts. `receivedMonotonic` is known only in the process
 * that received the token. A receipt in the future counts as expired.
 */
export function isFresh(token: Lifetime, clock: Clock, minValid = 0, receivedMonotonic?: number): boolean {
  const now = clock.now()
  if (token.receivedAt > now) return false
  if (token.expiresAt === undefined) return true
  const lifetime = token.expiresAt - token.receivedAt
  const usable = lifetime - marginOf(lifetime) - minValid
  if (now - token.receivedAt >= usable) return false
  return receivedMonotonic === undefined || clock.monotonic() - receivedMonotonic < usable
}
