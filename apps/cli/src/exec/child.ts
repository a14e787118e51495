import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { exitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { terminalText } from '../terminal-text.ts'

/** What a shell answers for a program that it cannot start (POSIX, Shell Command Language 2.8.2). */
const notFound = 127
const notRunnable = 126

// Those of the terminal go to the child too, which is in the same group: passed on, they would come twice.
const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
const fromElsewhere: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']

/** What happens to signals while a command runs, and before. */
export interface Relay {
  /** Fires when a signal comes and there is no child to take it. */
  readonly stopped: AbortSignal
  /** The exit code of that signal. */
  readonly code: () => number | undefined
  /** From now on signals go here. */
  readonly to: (kill: (signal: NodeJS.Signals) => void) => void
  readonly end: () => void
}

/** 128 and the signal's number, as shells say it. */
const signalCode = (name: NodeJS.Signals): number => 128 + constants.signals[name]

/** Takes the signals of this process until `end`. */
export function relay(isTerminal: boolean): Relay {
  const controller = new AbortController()
  let kill: ((signal: NodeJS.Signals) => void) | undefined
  let code: number | undefined
  const listeners = [...fromTerminal, ...fromElsewhere].map((name): [NodeJS.Signals, () => void] => {
    const both = isTerminal && fromTerminal.includes(name)
    return [
      name,
      () => {
        if (kill !== undefined) return both ? undefined : kill(name)
        code ??= signalCode(name)
        controller.abort()
      },
    ]
  })
  for (const [name, listener] of listeners) process.on(name, listener)
  return {
    stopped: controller.signal,
    code: () => code,
    to: (target) => {
      kill = target
    },
    end: () => {
      for (const [name, listener] of listeners) process.off(name, listener)
    },
  }
}

/**
 * Runs a command with our stdin, stdout and stderr, without a shell, and gives its exit code: 128+n where signal n
 * ended it, 127 and 126 where it could not be started.
 */
export function child(
  [command = '', ...words]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  signals: Relay,
  io: Io,
): Promise<number> {
  return new Promise((resolve) => {
    const failed = (error: unknown): void => {
      const code = String((error as { code?: unknown }).code)
      const why = code === 'ENOENT' ? 'there is no such command' : `the system answered ${code}`
      io.err(`auth: ${terminalText(command)} could not be started: ${why}.\n`)
      resolve(code === 'ENOENT' ? notFound : notRunnable)
    }
    try {
      const started = spawn(command, words, { stdio: 'inherit', env })
      signals.to((name) => void started.kill(name))
      started.on('error', failed)
      started.on('exit', (code, signal) => resolve(code ?? (signal === null ? exitCode.failed : signalCode(signal))))
    } catch (error) {
      // A command line that is too long, or has a NUL in it.
      failed(error)
    }
  })
}
