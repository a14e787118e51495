import type { Clock } from '@latchkey/core'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Moves both clocks on, waking sleepers in the order they are due, each before time goes on. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock alone, as an administrator or NTP does; sleepers and the monotonic clock do not notice. */
  setWall(epochMs: number): void
  /** Sleepers that have not woken. */
  readonly sleeping: number
  /** Every sleep asked for, in ms and in order: what backoff and polling tests look at. */
  readonly sleeps: readonly number[]
}

interface Sleeper {
  readonly due: number
  wake(): void
}

/** Lets everything that a woken sleeper set going run, short of real I/O. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** @param start epoch milliseconds; default 2026-01-01T00:00:00Z */
export function manualClock(start: number = Date.UTC(2026, 0, 1)): ManualClock {
  let wall = start
  let monotonic = 0
  let sleepers: Sleeper[] = []
  const sleeps: number[] = []

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      sleeps.push(ms)
      const leave = (): void => {
        sleepers = sleepers.filter((other) => other !== sleeper)
        signal?.removeEventListener('abort', stop)
      }
      const stop = (): void => {
        leave()
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        due: monotonic + Math.max(0, ms),
        wake: () => {
          leave()
          resolve()
        },
      }
      sleepers.push(sleeper)
      signal?.addEventListener('abort', stop, { once: true })
    })

  const advance = async (ms: number): Promise<void> => {
    const end = monotonic + ms
    await settle()
    for (;;) {
      const next = sleepers.toSorted((a, b) => a.due - b.due)[0]
      const until = next === undefined || next.due > end ? end : next.due
      wall += until - monotonic
      monotonic = until
      if (next === undefined || next.due > end) break
      next.wake()
      await settle()
    }
    await settle()
  }

  return {
    now: () => wall,
    monotonic: () => monotonic,
    sleep,
    advance,
    setWall: (epochMs) => {
      wall = epochMs
    },
    get sleeping() {
      return sleepers.length
    },
    sleeps,
  }
}
