import { PassThrough } from 'node:stream'
import type { Terminal } from '@latchkey/login'
import type { Io } from '../../src/io.ts'

/** An {@link Io} in memory. */
export interface FakeIo extends Io {
  readonly stdout: () => string
  readonly stderr: () => string
  /** What was asked at the terminal without showing the answer. */
  readonly hidden: () => readonly string[]
}

export interface FakeIoOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What stdin holds; with `terminal`, what the person types, secrets too. */
  readonly input?: string
  readonly terminal?: boolean
  /** Whether stdout alone is a terminal. */
  readonly watched?: boolean
  /** What a login shows itself on, in place of a terminal that nobody sits at. */
  readonly loginTerminal?: Partial<Terminal>
}

/** Hands out text line by line, or what is left of it. */
function reader(input: string | undefined): (line: boolean) => string | undefined {
  let rest = input
  return (line) => {
    const text = rest
    const end = text?.indexOf('\n') ?? -1
    rest = line && end !== -1 ? text?.slice(end + 1) : undefined
    if (!line || end === -1) return text === '' && line ? undefined : text
    return text?.slice(0, end)
  }
}

export function fakeIo({ env = {}, input, terminal = false, watched = false, ...more }: FakeIoOptions = {}): FakeIo {
  let stdout = ''
  let stderr = ''
  const hidden: string[] = []
  const { signal } = new AbortController()
  const read = reader(input)
  const readHidden = async (question: string): Promise<string | undefined> => {
    hidden.push(question)
    return read(true)
  }
  const write = (text: string): void => {
    stderr += text
  }
  const loginTerminal = { env, stdin: new PassThrough(), stderr: { write }, ...more.loginTerminal }
  return {
    env,
    out: (text) => {
      stdout += text
    },
    err: write,
    isTerminal: async (descriptor) => terminal || (watched && descriptor === 1),
    readInput: async ({ line }) => read(line),
    controllingTerminal: async () => (terminal ? { readHidden } : undefined),
    loginTerminal: () => loginTerminal,
    interruption: () => signal,
    interrupted: () => undefined,
    echoed: () => false,
    stdout: () => stdout,
    stderr: () => stderr,
    hidden: () => hidden,
  }
}
