import { type Clock, systemClock } from '@latchkey/core'
import type { Spawn } from '../browser/open-browser.ts'

/** What is needed of `process.stderr`. */
export interface TerminalOutput {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** Everything outside that a login touches. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** Read only while a person may answer, and only if it is a TTY. */
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined }
  /** All that a person reads; stdout is for data and is never written to. */
  readonly stderr: TerminalOutput
  readonly clock: Clock
  /** Starts browsers; default: that of `node:child_process`. */
  readonly spawn?: Spawn | undefined
  /** What Ctrl-C does while keys are read one by one, after the terminal is as it was; default: SIGINT to this process. */
  readonly interrupt: () => void
}

/** The terminal of this process, with what is given in its place. Its streams are made when they are first needed. */
export function terminalOf(given: Partial<Terminal> = {}): Terminal {
  return {
    env: given.env ?? process.env,
    platform: given.platform ?? process.platform,
    get stdin() {
      return given.stdin ?? process.stdin
    },
    get stderr() {
      return given.stderr ?? process.stderr
    },
    clock: given.clock ?? systemClock,
    spawn: given.spawn,
    interrupt: given.interrupt ?? (() => void process.kill(process.pid, 'SIGINT')),
  }
}

/** Whether lines can be rewritten in place. */
export function isLive({ stderr, env }: Terminal): boolean {
  return stderr.isTTY === true && env['TERM'] !== 'dumb'
}

/** Whether keys that a person presses reach us, and what they answer can be seen. */
export function canAnswer(terminal: Terminal): boolean {
  return isLive(terminal) && terminal.stdin.isTTY === true
}
