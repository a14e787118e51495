import { AuthError, aborted, systemClock } from '@latchkey/core'
import { type Held, tryLock } from './lock.ts'

/** How long to wait for a lock, and for what else. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds; `Infinity` waits without limit. */
  readonly waitMs: number
  /** Asked between tries; `true` ends the wait without the lock. */
  readonly enough?: (() => boolean) | undefined
}

interface Waiter {
  wake: () => void
}

// One line for each lock in this process: whoever comes first goes first, and only that one asks the kernel.
const lines = new Map<string, Waiter[]>()

function stepOut(path: string, waiter: Waiter): void {
  const line = lines.get(path) ?? []
  line.splice(line.indexOf(waiter), 1)
  if (line.length === 0) lines.delete(path)
  else line[0]?.wake()
}

/** Short at first, so that a hand-over is quick; longer later, so that a crowd costs little. Uniform, because growth is unfair. */
function pauseAfter(waited: number): number {
  return waited < 250 ? 5 + Math.random() * 20 : 20 + Math.random() * 80
}

function nap(waiter: Waiter, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
    waiter.wake = done
  })
}

function lockedFor(path: string, waitMs: number): AuthError {
  return new AuthError(
    'STORE_LOCKED',
    `Another process has held ${path} for ${waitMs / 1000} s: it may be stopped (Ctrl-Z). Let it finish or end it, then try again.`,
  )
}

/** Whether somebody in this process has or wants this lock. */
export function wanted(path: string): boolean {
  return lines.has(path)
}

/**
 * Waits for a lock without blocking the event loop. `undefined`: `enough` said so.
 *
 * @throws `STORE_LOCKED` after `waitMs`, `ABORTED`, and what `tryLock` throws
 */
export async function waitForLock(path: string, options: WaitOptions): Promise<Held | undefined> {
  const waiter: Waiter = { wake: () => {} }
  const line = lines.get(path) ?? []
  lines.set(path, line)
  line.push(waiter)
  try {
    const held = await inLine(path, line, waiter, options)
    if (held === undefined) stepOut(path, waiter)
    return held && { release: () => leave(path, waiter, held) }
  } catch (error) {
    stepOut(path, waiter)
    throw error
  }
}

function leave(path: string, waiter: Waiter, held: Held): void {
  held.release()
  stepOut(path, waiter)
}

async function inLine(
  path: string,
  line: readonly Waiter[],
  waiter: Waiter,
  { signal, waitMs, enough }: WaitOptions,
): Promise<Held | undefined> {
  const start = systemClock.monotonic()
  for (let first = true; ; first = false) {
    if (signal?.aborted) throw aborted(signal)
    if (!first && enough?.()) return undefined
    const held = line[0] === waiter ? tryLock(path) : undefined
    if (held !== undefined) return held
    const waited = systemClock.monotonic() - start
    if (waited >= waitMs) throw lockedFor(path, waitMs)
    await nap(waiter, Math.min(pauseAfter(waited), waitMs - waited), signal)
  }
}

/** Runs `act` under a lock that is held for moments only. */
export async function underLock<T>(path: string, act: () => Promise<T>): Promise<T> {
  const held = await waitForLock(path, { waitMs: 40_000 })
  try {
    return await act()
  } finally {
    held?.release()
  }
}
