import type { Io } from './io.ts'
import { answerTo } from './prompt.ts'
import { terminalText } from './terminal-text.ts'
import { UsageError } from './usage-error.ts'

/** What a person chooses from. */
export interface Menu {
  readonly title: string
  /** What is chosen, and how it is shown. */
  readonly options: readonly (readonly [string, string])[]
  /** The option of the command line that says the same. */
  readonly flag: string
}

const mostTries = 10

/**
 * Lets a person choose by number, in the words of the openEO tool.
 *
 * @throws UsageError when nobody answers, and after ten answers that are no number of the list
 */
export async function chosenFrom({ title, options, flag }: Menu, io: Io): Promise<string> {
  const lines = options.map(([, text], at) => `[${at + 1}] ${terminalText(text)}\n`)
  io.out(`${terminalText(title)}\n${lines.join('')}`)
  const instead = `Say which with --${flag} ${options.map(([id]) => id).join(', ')}.`.replace(/, ([^,]*)$/, ' or $1')
  for (let tries = 0; tries < mostTries; tries++) {
    const answer = await answerTo('Choose one (enter index): ', io)
    if (answer === undefined) throw new UsageError(`Nobody chose one of ${options.length}. ${instead}`)
    const chosen = /^\s*\d{1,4}\s*$/.test(answer) ? options[Number(answer) - 1] : undefined
    if (chosen !== undefined) return chosen[0]
    io.err(`Enter a number from 1 to ${options.length}.\n`)
  }
  throw new UsageError(`Failed to pick valid option. ${instead}`)
}
