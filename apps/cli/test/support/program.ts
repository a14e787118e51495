import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.ts'
import type { Home } from './home.ts'

/** The CLI as a program `auth` on a PATH of its own: for programs that call it. */
export async function programOnPath({ path, env }: Home): Promise<Readonly<Record<string, string>>> {
  const bin = join(path, 'bin')
  mkdirSync(bin, { recursive: true })
  script(join(bin, 'auth'), `exec '${process.execPath}' '${await bundle()}' "$@"`)
  return { ...env, PATH: `${bin}:${process.env['PATH'] ?? ''}` }
}

/** An executable shell script. */
export function script(path: string, line: string): void {
  writeFileSync(path, `#!/bin/sh\n${line}\n`)
  chmodSync(path, 0o755)
}
