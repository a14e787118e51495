import type { Io } from '../../src/io.ts'

/** An {@link Io} in memory. */
export interface FakeIo extends Io {
  readonly stdout: () => string
  readonly stderr: () => string
}

export interface FakeIoOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What stdin holds; with `terminal`, what the person types. */
  readonly input?: string
  readonly terminal?: boolean
}

export function fakeIo({ env = {}, input, terminal = false }: FakeIoOptions = {}): FakeIo {
  let stdout = ''
  let stderr = ''
  const { signal } = new AbortController()
  return {
    env,
    out: (text) => {
      stdout += text
    },
    err: (text) => {
      stderr += text
    },
    isTerminal: async () => terminal,
    readInput: async ({ line }) => (line ? input?.split('\n')[0] : input),
    interruption: () => signal,
    interrupted: () => undefined,
    stdout: () => stdout,
    stderr: () => stderr,
  }
}
