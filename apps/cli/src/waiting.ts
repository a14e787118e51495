import { systemClock } from '@latchkey/core'
import { durationText } from './duration.ts'
import type { Io } from './io.ts'

/** A wait that a person can see. */
export interface Waiting {
  /** Takes it off the screen. */
  end(): void
}

const clearLine = '\r\u001b[K'

/** How long is left, in steps: a line that is drawn anew takes away what was selected. */
function leftText(ms: number): string {
  return durationText(ms < 120_000 ? Math.ceil(ms / 10_000) * 10_000 : ms)
}

/** Says on stderr for how long is waited for a person; on a terminal the line counts down, and goes. */
export async function waiting(until: number, io: Io): Promise<Waiting> {
  const text = (): string => `Waiting for the approval, ${leftText(until - systemClock.now())} left. Ctrl-C ends it.`
  if (!(await io.isTerminal(2))) {
    io.err(`${text()}\n`)
    return { end: () => undefined }
  }
  let shown = ''
  const draw = (): void => {
    const next = text()
    if (next !== shown) io.err(`${clearLine}${next}`)
    shown = next
  }
  draw()
  const timer = setInterval(draw, 1_000)
  return {
    end: () => {
      clearInterval(timer)
      io.err(clearLine)
    },
  }
}
