import type { ManualClock } from '@latchkey/testkit'

/**
 * Moves a clock on from pause to pause until some work has ended, with time for real I/O in between.
 *
 * @param pauses those of the clock's sleeps that are pauses, not deadlines
 */
export async function drive(
  clock: ManualClock,
  work: Promise<unknown>,
  pauses: () => readonly number[],
): Promise<void> {
  const state = { ended: false, slept: 0 }
  const end = (): void => {
    state.ended = true
  }
  void work.then(end, end)
  while (!state.ended) {
    const next = pauses()[state.slept]
    if (next === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
    else {
      state.slept += 1
      await clock.advance(next)
    }
  }
}
