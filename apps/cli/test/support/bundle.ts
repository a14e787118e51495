import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const cli = join(import.meta.dirname, '..', '..')
const root = join(cli, '..', '..')
const sources = ['apps/cli/{src/**/*.ts,*.ts}', 'packages/{core,file-store,login,openeo}/src/**/*.ts']
const stamp = join(cli, 'node_modules', '.bundled')
const lock = join(cli, 'node_modules', '.bundling')

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

function isCurrent(bin: string): boolean {
  const newest = Math.max(...globSync(sources, { cwd: root }).map((file) => changedAt(join(root, file))))
  return changedAt(bin) > 0 && changedAt(stamp) > newest
}

function build(): void {
  const started = new Date()
  const tsdown = join(root, 'node_modules', 'tsdown', 'dist', 'run.mjs')
  const built = spawnSync(process.execPath, [tsdown], { cwd: cli, encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`The CLI could not be built:\n${built.stderr}${built.stdout}`)
  writeFileSync(stamp, '')
  // What changed while it was built is not in it.
  utimesSync(stamp, started, started)
}

function isLocked(): boolean {
  try {
    mkdirSync(lock)
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // A run that was ended while it built.
    if (Date.now() - changedAt(lock) > 60_000) rmSync(lock, { recursive: true, force: true })
    return true
  }
}

/** The CLI as it is published; built once for all test files, and only when its sources are newer. */
export async function bundle(): Promise<string> {
  const bin = join(cli, 'dist', 'bin.cjs')
  while (isLocked()) await delay(50)
  try {
    if (!isCurrent(bin)) build()
    return bin
  } finally {
    rmdirSync(lock)
  }
}
