import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Processes in a crowd: 16 where a person waits, 64 in CI. */
export const crowdSize: number = process.env['LATCHKEY_SCALE'] === 'full' ? 64 : 16

/** What a process of a crowd printed. */
export interface Said {
  readonly token?: string
  readonly error?: string
  readonly prompt?: string
}

/** A refresh token file of a test's own. */
export function ownFile(): { readonly path: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-crowd-'))
  return { path: join(directory, 'refresh-tokens.json'), remove: () => rmSync(directory, { recursive: true }) }
}

const program = fileURLToPath(import.meta.resolve('./caller.ts'))

/** One process; resolves with everything it said when it has ended. */
function caller(args: readonly string[], onLine: (said: Said) => void = () => {}): Promise<readonly Said[]> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(process.env['HOME'] ?? tmpdir(), 'compile-cache') }
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const said: Said[] = []
    createInterface(child.stdout).on('line', (line) => {
      const one = JSON.parse(line) as Said
      said.push(one)
      onLine(one)
    })
    child.on('error', reject)
    child.on('close', () => resolve(said))
  })
}

/** Processes that start at once. */
export async function crowd(
  size: number,
  args: readonly string[],
  onLine?: (said: Said) => void,
): Promise<readonly Said[]> {
  const all = await Promise.all(Array.from({ length: size }, () => caller(args, onLine)))
  return all.flat()
}
