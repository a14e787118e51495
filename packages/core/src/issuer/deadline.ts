import type { Clock } from '../clock.ts'
import { AuthError } from '../errors.ts'

/** A signal that fires after a time, or with another one; `end` frees its timer. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Rejects when the signal fires: for races with code that does not heed it. */
  readonly passed: Promise<never>
  end(): void
}

/**
 * A deadline of `ms`, which also fires with `outer` and its reason. Its own firing is a `TIMEOUT` that says what took
 * too long. To be ended in every case: its timer keeps a process alive.
 */
export function deadline(clock: Clock, ms: number, what: string, outer?: AbortSignal): Deadline {
  const controller = new AbortController()
  const timer = new AbortController()
  const stop = (): void => controller.abort(outer?.reason)
  if (outer?.aborted) stop()
  else outer?.addEventListener('abort', stop, { once: true })
  clock.sleep(ms, timer.signal).then(
    () => controller.abort(new AuthError('TIMEOUT', `${what} took longer than ${ms / 1000} s. Try again later.`)),
    () => undefined,
  )
  const passed = new Promise<never>((_, reject) => {
    const fail = (): void => reject(controller.signal.reason)
    if (controller.signal.aborted) fail()
    else controller.signal.addEventListener('abort', fail, { once: true })
  })
  passed.catch(() => undefined)
  return {
    signal: controller.signal,
    passed,
    end: () => {
      timer.abort()
      outer?.removeEventListener('abort', stop)
    },
  }
}
