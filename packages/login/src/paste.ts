import { listenToKeys } from './terminal/keys.ts'
import type { StatusLine } from './terminal/status-line.ts'
import type { Terminal } from './terminal/terminal.ts'

/**
 * The first pasted line that is the answer of this login: the whole address of the last page, or what follows its `?`.
 * Anything else is told so and forgotten. Never resolves without one; ends with the signal.
 */
export function pastedAnswer(
  terminal: Pick<Terminal, 'stdin' | 'stderr' | 'interrupt'>,
  line: StatusLine,
  isAnswer: (answer: string) => boolean,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    const taken = (text: string): void => {
      const answer = unquoted(text)
      if (answer === '') return
      if (isAnswer(answer)) return resolve(answer)
      line.above(`  ${complaint(answer)}`)
    }
    listenToKeys(terminal, { line: taken }, signal)
  })
}

/** People copy with quotes, and terminals with blanks. */
const unquoted = (text: string): string =>
  text
    .trim()
    .replace(/^(["'<])(.*)["'>]$/s, '$2')
    .trim()

function complaint(answer: string): string {
  return /[?#&]?state=/.test(answer)
    ? 'That is not the answer to this login, perhaps to an earlier one. Paste the address of the page it ended on.'
    : 'That is no answer: paste the whole address, from http to its end, of the page on which the login ended.'
}
