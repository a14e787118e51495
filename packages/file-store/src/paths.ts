import { accessSync, constants, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { AuthError } from '@latchkey/core'
import { failedWith, readError } from './store-error.ts'

/** Where to look for the files, as a parameter: tests bring their own. */
export interface Surroundings {
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** The home directory; default that of the account. */
  readonly home?: string | undefined
  /** Default `process.platform`. */
  readonly platform?: NodeJS.Platform | undefined
}

/** Which of the two directories of the openEO client. */
export type DirectoryKind = 'config' | 'data'

const appName = 'openeo-python-client'

type Roots = readonly (string | undefined)[]

function roots(kind: DirectoryKind, env: NonNullable<Surroundings['env']>, platform: NodeJS.Platform): Roots {
  const own = env[kind === 'config' ? 'XDG_CONFIG_HOME' : 'XDG_DATA_HOME']
  const fallback = kind === 'config' ? '~/.config' : '~/.local/share'
  if (platform === 'win32') return [env['APPDATA'], '~/AppData/Roaming', fallback]
  if (platform === 'darwin') return [own, kind === 'config' ? '~/Library/Preferences' : '~/Library', fallback]
  return [own, fallback]
}

function accountHome(env: NonNullable<Surroundings['env']>, platform: NodeJS.Platform): string | undefined {
  try {
    return (
      env[platform === 'win32' ? 'USERPROFILE' : 'HOME'] || process.getBuiltinModule('node:os').homedir() || undefined
    )
  } catch {
    return undefined
  }
}

/**
 * The directories the openEO client would use, best first. `OPENEO_CONFIG_HOME` stands for both kinds and takes no
 * application name; relative paths count from the working directory, as they do there.
 */
export function candidateDirectories(kind: DirectoryKind, surroundings: Surroundings = {}): readonly string[] {
  const env = surroundings.env ?? process.env
  const platform = surroundings.platform ?? process.platform
  const home = surroundings.home ?? accountHome(env, platform)
  const found: string[] = []
  const whole = env['OPENEO_CONFIG_HOME']
  if (whole) found.push(resolve(whole))
  for (const root of roots(kind, env, platform)) {
    if (!root) continue
    const inHome = root === '~' || root.startsWith('~/')
    if (inHome && home === undefined) continue
    found.push(resolve(join(inHome ? home + root.slice(1) : root, appName)))
  }
  return [...new Set(found)]
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Whether a directory could be made here: its nearest ancestor that exists is one, and takes entries. */
function couldBeMade(path: string): boolean {
  if (safely(() => lstatSync(path)) !== undefined) return false
  const parent = dirname(path)
  const above = safely(() => statSync(parent))
  if (above === undefined) return couldBeMade(parent)
  return above.isDirectory() && isWritable(parent)
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

const safely = <T>(act: () => T): T | undefined => {
  try {
    return act()
  } catch {
    return undefined
  }
}

function nowhere(kind: DirectoryKind, tried: readonly string[]): AuthError {
  const list = tried.length === 0 ? 'nothing: set HOME or OPENEO_CONFIG_HOME' : tried.join(', ')
  return new AuthError('CONFIG_INVALID', `Failed to find user dir for '${appName}' (${kind}). Tried: ${list}.`)
}

/**
 * The directory in use: the first candidate that exists, else the first that could be made. Creates nothing.
 *
 * @throws `CONFIG_INVALID` when there is no candidate: no home directory and no variable names one
 */
export function findDirectory(kind: DirectoryKind, surroundings?: Surroundings): string {
  const candidates = candidateDirectories(kind, surroundings)
  const existing = candidates.find((path) => safely(() => isDirectory(path)))
  const found = existing ?? candidates.find(couldBeMade) ?? candidates[0]
  if (found === undefined) throw nowhere(kind, candidates)
  return found
}

/**
 * The same, but makes the first candidate that can be made (0700) when none exists.
 *
 * @throws `CONFIG_INVALID` when none can be made
 */
export function makeDirectory(kind: DirectoryKind, surroundings?: Surroundings): string {
  const candidates = candidateDirectories(kind, surroundings)
  const existing = candidates.find((path) => safely(() => isDirectory(path)))
  if (existing !== undefined) return existing
  for (const path of candidates) {
    if (safely(() => mkdirSync(path, { recursive: true, mode: 0o700 })) !== undefined) return path
  }
  throw nowhere(kind, candidates)
}

/** A path given by the caller: an existing directory means the file of that name in it. */
export function explicitFile(path: string, fileName: string): string {
  return safely(() => isDirectory(path)) ? join(resolve(path), fileName) : resolve(path)
}

/**
 * Follows symbolic links, so that what is written replaces the file and not the link.
 *
 * @throws `STORE_UNREADABLE` for a link to nothing or to itself
 */
export function resolvedFile(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw readError(path, error)
  }
  if (isLink(path)) {
    throw new AuthError(
      'STORE_UNREADABLE',
      `${path} is a symbolic link to a file that does not exist. Remove the link.`,
    )
  }
  const directory = dirname(path)
  return join(safely(() => realpathSync.native(directory)) ?? directory, basename(path))
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}
