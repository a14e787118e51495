import type { Clock } from '../clock.ts'
import { aborted, AuthError } from '../errors.ts'

/** How a place in a line is waited for. */
export interface TakeOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds, then `STORE_LOCKED`; default: without limit. */
  readonly waitMs?: number | undefined
  /** Asked whenever somebody before has ended: true ends the wait. */
  readonly enough?: (() => boolean) | undefined
}

/** A lock inside one process, first come, first served. */
export interface Line {
  /** Waits for the lock; `undefined` where `enough` ended the wait. */
  take(options: TakeOptions): Promise<{ end(): void } | undefined>
  /** Has everybody who waits ask `enough` again. */
  nudge(): void
}

/** A line that nobody stands in yet. */
export function line(clock: Clock): Line {
  const waiting: (() => void)[] = []
  let taken = false
  const nudge = (): void => {
    for (const wake of [...waiting]) wake()
  }
  const next = (): void => {
    taken = false
    // All are woken: those further back may have enough by now.
    nudge()
  }
  const turn = (): { end(): void } => {
    taken = true
    return { end: next }
  }
  return {
    nudge,
    take: async ({ signal, waitMs, enough }) => {
      if (signal?.aborted) throw aborted(signal)
      if (!taken && waiting.length === 0) return turn()
      return waited({ waiting, turn, isTaken: () => taken }, { clock, signal, waitMs, enough })
    },
  }
}

interface Standing {
  readonly waiting: (() => void)[]
  readonly turn: () => { end(): void }
  readonly isTaken: () => boolean
}

function waited(
  standing: Standing,
  options: TakeOptions & { readonly clock: Clock },
): Promise<{ end(): void } | undefined> {
  const { waiting, turn, isTaken } = standing
  const { clock, signal, waitMs, enough } = options
  const timer = new AbortController()
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      waiting.splice(waiting.indexOf(wake), 1)
      timer.abort()
      signal?.removeEventListener('abort', stop)
    }
    const wake = (): void => {
      const first = waiting[0] === wake && !isTaken()
      if (!first && enough?.() !== true) return
      leave()
      resolve(first ? turn() : undefined)
    }
    const stop = (): void => {
      leave()
      if (signal !== undefined) reject(aborted(signal))
    }
    waiting.push(wake)
    signal?.addEventListener('abort', stop, { once: true })
    if (waitMs === undefined) return
    const late = (): void => {
      leave()
      reject(
        new AuthError(
          'STORE_LOCKED',
          `Another renewal of this login has held its lock for ${waitMs / 1000} s. Try again.`,
        ),
      )
    }
    clock.sleep(waitMs, timer.signal).then(late, () => undefined)
  })
}
