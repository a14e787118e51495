import type { Io } from './io.ts'

/** An answer that is to come through a pipe must come within this time: a prompt that nobody sees must not hang a job. */
const pipedAnswerMs = 5_000

/**
 * Asks a question and gives the answer; `undefined` when there is nobody to answer. On a terminal the question goes to
 * stderr. An answer that comes through a pipe is taken too, and then the question stands on stdout, as in the openEO tool.
 */
export async function answerTo(question: string, io: Io): Promise<string | undefined> {
  const signal = io.interruption()
  if (await io.isTerminal(0)) {
    io.err(question)
    const answer = await io.readInput({ line: true, signal })
    // Ctrl-D ends no line.
    if (answer === undefined) io.err('\n')
    return answer
  }
  const answer = await io.readInput({ line: true, timeoutMs: pipedAnswerMs, signal })
  if (answer !== undefined) io.out(question)
  return answer
}

/**
 * Asks for a secret, which is not shown while it is typed: at the terminal, as `getpass` does even where stdin is a pipe;
 * without a terminal the next line of stdin is taken. `undefined` when there is nobody to answer.
 */
export async function secretAnswerTo(question: string, io: Io): Promise<string | undefined> {
  const terminal = await io.controllingTerminal()
  const signal = io.interruption()
  if (terminal !== undefined) return terminal.readHidden(question, signal)
  return io.readInput({ line: true, timeoutMs: pipedAnswerMs, signal })
}

/** A yes, as the openEO tool takes it; `undefined` when there is nobody to answer. */
export async function isConfirmed(question: string, io: Io): Promise<boolean | undefined> {
  const answer = await answerTo(`${question} 'y' or 'n': `, io)
  return answer?.toLowerCase().startsWith('y')
}
