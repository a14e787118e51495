import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { bundle } from './bundle.ts'

/** How a run of the CLI ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A run of the CLI that has not ended. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the match once stderr has it; rejects if the run ends first. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>
  /** The same for stdout. */
  readonly prints: (pattern: RegExp) => Promise<RegExpExecArray>
}

export interface RunOptions {
  readonly env: Readonly<Record<string, string>>
  /** What stdin holds; without it stdin is /dev/null. */
  readonly input?: string | undefined
  /** Leaves stdin open after the input. */
  readonly open?: boolean | undefined
  /** A descriptor in the place of stdout. */
  readonly stdout?: number | undefined
  readonly execArgv?: readonly string[] | undefined
  /** Starts it without a controlling terminal, wherever the tests run: it would be asked for secrets. */
  readonly noTerminal?: boolean | undefined
}

/** Starts a program with an environment of its own: nothing of the caller's reaches it but PATH. */
export function started(command: string, words: readonly string[], options: RunOptions): Running {
  const { env, input, open = false, stdout: descriptor = 'pipe' } = options
  const child = spawn(command, words, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    detached: options.noTerminal ?? false,
    stdio: [input === undefined && !open ? 'ignore' : 'pipe', descriptor, 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  if (input !== undefined) child.stdin?.write(input)
  if (!open) child.stdin?.end()
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  const seen = (stream: Readable | null, text: () => string, pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text())
        if (found !== null) resolve(found)
      }
      stream?.on('data', look)
      look()
      ended.then(
        () => reject(new Error(`It ended without saying ${pattern}: ${stderr}`)),
        (error: unknown) => reject(error as Error),
      )
    })
  return {
    child,
    ended,
    says: (pattern) => seen(child.stderr, () => stderr, pattern),
    prints: (pattern) => seen(child.stdout, () => stdout, pattern),
  }
}

/** Starts the CLI as it is published. */
export async function startAuth(words: readonly string[], options: RunOptions): Promise<Running> {
  return started(process.execPath, [...(options.execArgv ?? []), await bundle(), ...words], options)
}

/** Runs it to its end. */
export async function auth(words: readonly string[], options: RunOptions): Promise<Ended> {
  return (await startAuth(words, options)).ended
}
