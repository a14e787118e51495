import { AuthError } from '@latchkey/core'
import { durationText } from './duration.ts'
import type { Io } from './io.ts'

/**
 * Runs a login that a person has to finish within a time, or as long as the issuer gives them.
 *
 * @throws `LOGIN_EXPIRED` when the time is up
 */
export async function within<T>(
  timeoutMs: number | undefined,
  { interruption }: Io,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return run(interruption())
  const late = new AbortController()
  const expired = (): void =>
    late.abort(new AuthError('LOGIN_EXPIRED', `Nobody logged in within ${durationText(timeoutMs)}.`))
  const timer = setTimeout(expired, timeoutMs)
  try {
    return await run(AbortSignal.any([interruption(), late.signal]))
  } finally {
    clearTimeout(timer)
  }
}
