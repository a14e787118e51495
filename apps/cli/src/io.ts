import { writeSync } from 'node:fs'
import { AuthError } from '@latchkey/core'
import type { Terminal as LoginTerminal } from '@latchkey/login'
import type { ReadOptions } from './terminal/read-input.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Everything outside the program: what tests replace. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Data. Written when this returns; throws when stdout takes no more. */
  readonly out: (text: string) => void
  /** Everything that is no data. Never throws. */
  readonly err: (text: string) => void
  /** Whether a person sits at a descriptor (0, 1, 2). */
  readonly isTerminal: (descriptor: number) => Promise<boolean>
  /** Reads a line of stdin, or all of it. */
  readonly readInput: (options: ReadOptions) => Promise<string | undefined>
  /** The terminal that the program was started from, whatever stdin is; `undefined` without one. */
  readonly controllingTerminal: () => Promise<Terminal | undefined>
  /** What a login shows itself on and reads keys from: the streams of this process, unless others are given. */
  readonly loginTerminal: () => Partial<LoginTerminal>
  /** Fires on SIGINT, SIGTERM and SIGHUP, which from the first call on no longer end the program by themselves. */
  readonly interruption: () => AbortSignal
  /** The exit code of the signal that came. */
  readonly interrupted: () => number | undefined
  /** Whether the terminal has echoed a `^C` behind which nobody began a line. */
  readonly echoed: () => boolean
}

/** Stdout takes no more: its reader has gone (`closed`), or the disk is full. */
class OutputError extends Error {
  readonly closed: boolean

  constructor(cause: unknown) {
    const code = String((cause as { code?: unknown }).code)
    super(`Could not write to stdout: ${code === 'ENOSPC' ? 'the disk is full' : `the system answered ${code}`}.`)
    Object.defineProperty(this, 'name', { value: 'OutputError', configurable: true, writable: true })
    this.closed = code === 'EPIPE'
  }
}

/** Whether the reader of stdout has gone. By name: the bundle has this class twice (tsdown.config.ts). */
export function isClosedOutput(error: unknown): boolean {
  return error instanceof Error && error.name === 'OutputError' && (error as OutputError).closed
}

/** Runs a program on this process, and ends the process with its exit code. */
export async function start(program: (words: readonly string[], io: Io) => Promise<number>): Promise<void> {
  process.exit(await program(process.argv.slice(2), processIo()))
}

const signalCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

function processIo(): Io {
  let controller: AbortController | undefined
  let interrupted: number | undefined
  let shown = false
  const interruption = (): AbortSignal => {
    if (controller !== undefined) return controller.signal
    const made = new AbortController()
    controller = made
    for (const [name, code] of Object.entries(signalCodes)) {
      process.on(name, () => {
        // Whoever asks twice does not want to wait for anything.
        if (interrupted !== undefined) process.exit(code)
        interrupted = code
        made.abort(new AuthError('ABORTED', 'Interrupted.'))
      })
    }
    return made.signal
  }
  return {
    env: process.env,
    out: writeOut,
    err: writeErr,
    isTerminal: async (descriptor) => (await import('node:tty')).isatty(descriptor),
    readInput: async (options) => (await import('./terminal/read-input.ts')).readInput(options),
    controllingTerminal: async () => (await import('./terminal/controlling-terminal.ts')).controllingTerminal(),
    loginTerminal: () => ({
      env: process.env,
      interrupt: () => {
        // A login that read keys one by one has shown it itself, and ended the line.
        shown = true
        process.kill(process.pid, 'SIGINT')
      },
    }),
    interruption,
    interrupted: () => interrupted,
    echoed: () => interrupted === signalCodes.SIGINT && !shown,
  }
}

/** `process.stdout` costs 3 ms to make, and tells nobody that the disk is full. */
function writeAll(descriptor: number, text: string): void {
  let rest: Uint8Array = new TextEncoder().encode(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      // A pipe that somebody made non-blocking, and whose reader is slow.
      if ((error as { code?: unknown }).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

function writeOut(text: string): void {
  try {
    writeAll(1, text)
  } catch (error) {
    throw new OutputError(error)
  }
}

function writeErr(text: string): void {
  try {
    writeAll(2, text)
  } catch {
    // There is nowhere left to say it.
  }
}
