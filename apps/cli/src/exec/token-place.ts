import { accessSync, chmodSync, constants, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthError } from '@latchkey/core'

/** What the directories of running `auth exec` are called, before the process id. */
export const placePrefix = 'latchkey-exec-'

/** A file that holds a token and nobody else can read. */
export interface TokenPlace {
  /** What `BEARER_TOKEN_FILE` says (WLCG bearer token discovery). */
  readonly file: string
  /** Puts another token there by rename: who reads meanwhile reads one or the other whole. */
  readonly write: (accessToken: string) => void
  readonly remove: () => void
}

/** Where such files may be: memory of this login where the system has it, else the temporary directory. */
export function runtimeDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const own = env['XDG_RUNTIME_DIR']
  return own?.startsWith('/') && isUsable(own) ? own : tmpdir()
}

/** After `su` the variable may still name another user's directory. */
function isUsable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * A directory of our own (0700) with a token file (0600) in it.
 *
 * @throws `STORE_WRITE`
 */
export function tokenPlace(env: Readonly<Record<string, string | undefined>>, accessToken: string): TokenPlace {
  const parent = runtimeDirectory(env)
  let directory: string | undefined
  try {
    const made = mkdtempSync(join(parent, `${placePrefix}${process.pid}-`))
    directory = made
    // An odd umask takes the owner's rights away too.
    chmodSync(made, 0o700)
    const file = join(made, 'token')
    const write = (token: string): void => {
      const next = `${file}.next`
      rmSync(next, { force: true })
      writeFileSync(next, token, { mode: 0o600, flag: 'wx' })
      chmodSync(next, 0o600)
      renameSync(next, file)
    }
    write(accessToken)
    return { file, write, remove: () => rmSync(made, { recursive: true, force: true }) }
  } catch (error) {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
    const code = String((error as { code?: unknown }).code)
    throw new AuthError('STORE_WRITE', `The token file could not be made in ${parent}: ${code}.`)
  }
}
