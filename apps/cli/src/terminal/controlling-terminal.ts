import { closeSync, openSync, writeSync } from 'node:fs'
import { isatty, ReadStream } from 'node:tty'
import { hiddenLine } from './hidden-line.ts'
import type { Terminal } from './terminal.ts'

/** The two ends of a terminal. */
interface Opened {
  readonly keys: ReadStream
  readonly write: (text: string) => void
  readonly close: () => void
}

const isWindows = process.platform === 'win32'

/** The terminal of this process, as `getpass` finds it; where it has none of its own (Windows, `setsid`), that of stdin. */
function opened(): Opened | undefined {
  return (isWindows ? undefined : ownTerminal()) ?? stdinTerminal()
}

function ownTerminal(): Opened | undefined {
  try {
    const output = openSync('/dev/tty', 'w')
    const keys = new ReadStream(openSync('/dev/tty', 'r+'))
    const close = (): void => {
      keys.destroy()
      closeSync(output)
    }
    return { keys, write: (text) => void writeSync(output, text), close }
  } catch {
    return undefined
  }
}

function stdinTerminal(): Opened | undefined {
  if (!isatty(0)) return undefined
  return { keys: process.stdin, write: (text) => void writeSync(2, text), close: () => undefined }
}

/** The terminal that this process was started from; `undefined` without one. */
export function controllingTerminal(): Terminal | undefined {
  const found = opened()
  if (found === undefined) return undefined
  found.close()
  return { readHidden }
}

async function readHidden(question: string, signal: AbortSignal): Promise<string | undefined> {
  const terminal = opened()
  if (terminal === undefined) return undefined
  const restore = (): void => void terminal.keys.setRawMode(false)
  // A signal that nobody handles would end the process with the terminal still mute.
  const quit = (): void => {
    restore()
    process.removeListener('SIGQUIT', quit)
    process.kill(process.pid, 'SIGQUIT')
  }
  process.on('exit', restore).on('SIGQUIT', quit)
  try {
    return await typedLine(terminal, question, signal)
  } finally {
    process.removeListener('exit', restore).removeListener('SIGQUIT', quit)
    restore()
    terminal.write('\n')
    terminal.close()
  }
}

function typedLine({ keys, write }: Opened, question: string, signal: AbortSignal): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let line = hiddenLine()
  return new Promise((resolve, reject) => {
    const release = (): void => {
      signal.removeEventListener('abort', aborted)
      keys.removeListener('data', taken).removeListener('error', failed).removeListener('end', ended).pause()
    }
    const done = (answer: string | undefined): void => {
      release()
      resolve(answer)
    }
    const failed = (error: Error): void => {
      release()
      reject(error)
    }
    const ended = (): void => done(undefined)
    const aborted = (): void => failed(signal.reason as Error)
    const ask = (): void => {
      keys.setRawMode(true)
      write(question)
    }
    const taken = (chunk: Uint8Array): void => {
      const ending = line.take(decoder.decode(chunk, { stream: true }))
      if (ending === undefined) return
      if (ending.by === 'enter') return done(ending.text)
      if (ending.by === 'end') return ended()
      keys.setRawMode(false)
      line = hiddenLine()
      if (ending.by === 'suspend') process.once('SIGCONT', ask)
      tellGroup(ending.by === 'suspend' ? 'SIGTSTP' : 'SIGINT')
    }
    if (signal.aborted) return aborted()
    signal.addEventListener('abort', aborted, { once: true })
    keys.on('error', failed).on('end', ended).on('data', taken).resume()
    ask()
  })
}

/** In raw mode the keys for signals come as text: what the terminal would have told its whole job is told here. */
function tellGroup(signal: 'SIGINT' | 'SIGTSTP'): void {
  if (!isWindows) process.kill(0, signal)
  else if (signal === 'SIGINT') process.emit('SIGINT')
}
