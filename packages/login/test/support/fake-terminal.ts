import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { type Clock, systemClock } from '@latchkey/core'
import type { Spawn, Terminal } from '../../src/index.ts'

/** How a terminal is made up. */
export interface FakeOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly platform?: NodeJS.Platform
  /** Default: both. */
  readonly tty?: { readonly input?: boolean; readonly output?: boolean }
  readonly columns?: number
  readonly rows?: number
  readonly clock?: Clock
  /** Whether programs start; default false. */
  readonly opens?: boolean
}

/** A terminal that writes down what happens to it. */
export interface FakeTerminal extends Terminal {
  /** All that was written to stderr. */
  readonly written: () => string
  readonly type: (text: string) => void
  /** Raw mode, as it was switched. */
  readonly modes: readonly boolean[]
  readonly spawned: readonly (readonly string[])[]
  /** Presses of Ctrl-C that arrived. */
  readonly interrupts: () => number
}

export function fakeTerminal(options: FakeOptions = {}): FakeTerminal {
  const { env = { DISPLAY: ':0', LANG: 'C.UTF-8' }, platform = 'linux', tty = {}, columns = 100, rows = 50 } = options
  const { input = true, output = true } = tty
  let written = ''
  let interrupts = 0
  const modes: boolean[] = []
  const spawned: (readonly string[])[] = []
  const stdin = Object.assign(new PassThrough(), {
    isTTY: input,
    setRawMode: (mode: boolean) => modes.push(mode),
  })
  const spawn: Spawn = (program, args) => {
    spawned.push([program, ...args])
    const child = Object.assign(new EventEmitter(), { unref: () => undefined })
    setImmediate(() => child.emit(options.opens ? 'exit' : 'error', options.opens ? 0 : new Error('ENOENT')))
    return child
  }
  return {
    env,
    platform,
    stdin,
    stderr: { isTTY: output, columns, rows, write: (text) => (written += text) },
    clock: options.clock ?? systemClock,
    spawn,
    interrupt: () => interrupts++,
    written: () => written,
    type: (text) => void stdin.write(text),
    modes,
    spawned,
    interrupts: () => interrupts,
  }
}
