import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { placePrefix, runtimeDirectory } from '../exec/token-place.ts'
import { quoted } from '../quoted.ts'
import { type Check, type Finding, warn } from './finding.ts'

/** Directories of `auth exec` whose process is gone: it was killed, and a token may be left in them. */
export function leftByExec(names: readonly string[], isRunning: (pid: number) => boolean): readonly string[] {
  return names.filter((name) => {
    const pid = name.startsWith(placePrefix) ? Number(name.slice(placePrefix.length).split('-')[0]) : Number.NaN
    return Number.isInteger(pid) && !isRunning(pid)
  })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'
  }
}

export const execCheck: Check = async ({ context }) => {
  const directory = runtimeDirectory(context.io.env)
  let left: readonly string[] = []
  try {
    left = leftByExec(readdirSync(directory), isRunning)
  } catch {
    // Nothing can be left where nothing can be read.
  }
  return left.map((name): Finding => {
    const path = join(directory, name)
    return warn('exec', `A killed auth exec left a token in ${path}.`, `rm -r ${quoted(path)}`)
  })
}
