import type { Clock } from '../clock.ts'
import { aborted, authErrorOf, IssuerError } from '../errors.ts'

/** Pauses before the second and third attempt. */
const pausesMs = [250, 1_000]

/** The longest `Retry-After` that is waited for. */
const longestPauseMs = 10_000

/**
 * Runs an idempotent exchange up to three times: again after `NETWORK`, and after `SERVER_ERROR` as `Retry-After` says,
 * if that is 10 s at most.
 *
 * @throws what the last attempt threw; `ABORTED` when the signal fires during a pause
 */
export async function retry<T>(clock: Clock, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      const pause = pausesMs[attempt]
      const asked = pauseAsked(error)
      if (pause === undefined || asked === undefined || asked > longestPauseMs) throw error
      await pausing(clock, Math.max(pause, asked), signal)
    }
  }
}

function pauseAsked(error: unknown): number | undefined {
  const failure = authErrorOf(error)
  if (failure?.code === 'NETWORK') return 0
  if (failure?.code === 'SERVER_ERROR') return failure instanceof IssuerError ? (failure.refusal.retryAfter ?? 0) : 0
  return undefined
}

/** A sleep that a signal ends as our callers expect it: with `ABORTED`, not with its bare reason. */
export async function pausing(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal)
  } catch (error) {
    throw signal?.aborted ? aborted(signal) : error
  }
}
