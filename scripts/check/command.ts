import { spawn } from 'node:child_process'
import { delimiter, join, resolve } from 'node:path'

/** What a command did: `output` is standard output and standard error in the order they came. */
export interface Outcome {
  readonly ok: boolean
  readonly output: string
  /** What a good outcome does not say: a part that was left out. */
  readonly note?: string
}

/** Where a command runs. `cwd` is the root of the workspace and `env` adds nothing, unless given. */
export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The root of the workspace. */
export const root: string = resolve(import.meta.dirname, '../..')

// Tools print for a person at a terminal unless they are told otherwise.
const plain = { NO_COLOR: '1', TURBO_TELEMETRY_DISABLED: '1' }

/** Runs one command to its end with the workspace's tools and its Node first on PATH. Never throws: a command that cannot start is a failed one. */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const path = [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter)
  return new Promise((done) => {
    const chunks: Buffer[] = []
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, PATH: path, ...plain, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // npm and pnpm are .cmd files there.
      shell: process.platform === 'win32',
    })
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error) => done({ ok: false, output: `${program} did not start: ${error.message}\n` }))
    child.on('close', (code) => done({ ok: code === 0, output: Buffer.concat(chunks).toString() }))
  })
}

/** Runs commands one after another, up to the first that fails; its output is the outcome. */
export async function inTurn(commands: readonly (readonly [string, ...string[]])[]): Promise<Outcome> {
  let last: Outcome = { ok: true, output: '' }
  for (const [program, ...args] of commands) {
    last = await command(program, args)
    if (!last.ok) return { ok: false, output: `$ ${[program, ...args].join(' ')}\n${last.output}` }
  }
  return last
}

/** A check that is a list of faults, each one line. */
export function faultsOutcome(faults: readonly string[]): Outcome {
  return { ok: faults.length === 0, output: faults.map((fault) => `${fault}\n`).join('') }
}
