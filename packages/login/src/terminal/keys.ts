import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Terminal } from './terminal.ts'

/** What is done with what a person types. */
export interface KeyListeners {
  /** A key that writes something, as it is pressed. */
  readonly key?: ((key: string) => void) | undefined
  /** A line, when Enter ends it; none of it is shown. */
  readonly line?: ((line: string) => void) | undefined
}

/**
 * Listens to the keyboard until the signal fires, without showing what is typed: pasted addresses hold codes, and a
 * terminal in its own line mode cuts them at 1,024 characters (macOS) or 4,095 (Linux). Readline restores the terminal
 * on every way out, Ctrl-Z and `fg` included; Ctrl-C restores it and then does what Ctrl-C does; Ctrl-D only ends the
 * listening.
 */
export function listenToKeys(
  terminal: Pick<Terminal, 'stdin' | 'stderr' | 'interrupt'>,
  listeners: KeyListeners,
  signal: AbortSignal,
): void {
  if (signal.aborted) return
  const { stdin } = terminal
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output: unseen, terminal: true, historySize: 0 })
  const pressed = (_text: unknown, { sequence = '', ctrl = false, meta = false }: Key = {}): void => {
    if (!ctrl && !meta && sequence.length === 1) listeners.key?.(sequence)
  }
  const stop = (): void => reader.close()
  signal.addEventListener('abort', stop, { once: true })
  stdin.on('keypress', pressed)
  reader.on('close', () => {
    signal.removeEventListener('abort', stop)
    stdin.removeListener('keypress', pressed)
  })
  // After `fg` readline waits to be told to go on.
  reader.on('SIGCONT', () => reader.resume())
  reader.on('SIGINT', () => {
    reader.close()
    // As a terminal does, in the place of the line that is rewritten, so that the shell's prompt begins a line.
    terminal.stderr.write('\r\u001b[K^C\n')
    terminal.interrupt()
  })
  if (listeners.line !== undefined) reader.on('line', listeners.line)
}

interface Key {
  readonly sequence?: string
  readonly ctrl?: boolean
  readonly meta?: boolean
}
