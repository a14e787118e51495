import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of this test's own. */
export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<Ended>
  /** Resolves once stdout holds this text, or the process ended. */
  said(text: string): Promise<void>
}

export interface RunOptions {
  /** Runs under this program and its arguments. */
  readonly under?: readonly string[]
  /** As a user who is not root, where we are. */
  readonly unprivileged?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly execArgv?: readonly string[]
}

/** The user whom the tests take for a person without rights; our own where we have none. */
export const nobody: number = process.getuid?.() === 0 ? 65_534 : (process.getuid?.() ?? 0)

/** Starts a program of `test/programs` with arguments. */
export function startNode(program: string, args: readonly string[], options: RunOptions = {}): Running {
  const script = new URL(`../programs/${program}.ts`, import.meta.url).pathname
  const [command = '', ...rest] = [
    ...(options.under ?? []),
    process.execPath,
    ...(options.execArgv ?? []),
    script,
    ...args,
  ]
  const user = options.unprivileged ? { uid: nobody, gid: nobody } : {}
  // Most of the start of such a process is compiling what the one before it compiled.
  const cache = { NODE_COMPILE_CACHE: join(process.env['HOME'] ?? tmpdir(), 'compile-cache') }
  const env = { ...process.env, ...cache, ...options.env }
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    ...(process.getuid?.() === 0 ? user : {}),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => (stdout += String(data)))
  child.stderr.on('data', (data) => (stderr += String(data)))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  const said = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (stdout.includes(text)) resolve()
      }
      child.stdout.on('data', look)
      child.on('close', () => resolve())
      look()
    })
  return { child, ended, said }
}

/** Runs it to its end. */
export function runNode(program: string, args: readonly string[], options?: RunOptions): Promise<Ended> {
  return startNode(program, args, options).ended
}
