import type { Terminal } from './terminal.ts'

/** The last line of a screen, rewritten in place. */
export interface StatusLine {
  /** Changes the words; the time goes on. */
  say(words: string): void
  /** Writes a line that stays, above. */
  above(text: string): void
}

/** `9:05`; never more than an hour here. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const clear = '\r\u001b[K'

const fallbackColumns = 80

/**
 * Shows how much time is left, once a second, until the signal fires; then the line is as empty as it was. It never
 * wraps: what does not fit is cut.
 *
 * @param endsAt epoch milliseconds
 */
export function statusLine(
  { stderr, clock }: Pick<Terminal, 'stderr' | 'clock'>,
  options: { readonly words: string; readonly endsAt: number; readonly signal: AbortSignal },
): StatusLine {
  let { words } = options
  const draw = (): void => {
    const text = `  ${clockText(options.endsAt - clock.now())}  ${words}`
    stderr.write(`${clear}${text.slice(0, (stderr.columns ?? fallbackColumns) - 1)}`)
  }
  const ticking = async (): Promise<void> => {
    try {
      for (;;) {
        draw()
        await clock.sleep(1_000, options.signal)
      }
    } catch {
      stderr.write(clear)
    }
  }
  if (!options.signal.aborted) void ticking()
  return {
    say: (said) => {
      words = said
      if (!options.signal.aborted) draw()
    },
    above: (text) => {
      if (options.signal.aborted) return
      stderr.write(`${clear}${text}\n`)
      draw()
    },
  }
}
