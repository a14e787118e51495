import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AuthError, keyText, type LoginKey } from '@latchkey/core'
import {
  type DirectoryKind,
  explicitFile,
  findDirectory,
  makeDirectory,
  resolvedFile,
  type Surroundings,
} from './paths.ts'
import { failedWith, writeError } from './store-error.ts'

/** The names the openEO client gives its files. */
export const refreshTokensName = 'refresh-tokens.json'
/** The other one, which holds no tokens. */
export const authConfigName = 'auth-config.json'

/** A file shared with the openEO client, and our own directory beside it. */
export interface Place {
  /** The shared file, as a person would name it. */
  readonly named: string
  /** The same with links followed. */
  readonly file: string
  /** Ours: locks, temporary files, what is kept for each login. */
  readonly directory: string
}

/** Our files for one login. */
export interface KeyFiles {
  readonly lock: string
  readonly prompt: string
  readonly own: string
  readonly answer: string
}

/** Where a shared file is. */
export interface PlaceOptions extends Surroundings {
  /** The file, or an existing directory that holds it. Default: where the openEO client keeps it. */
  readonly path?: string | undefined
}

function placeOf(named: string): Place {
  const file = resolvedFile(named)
  return { named, file, directory: join(dirname(file), 'latchkey') }
}

/** Where the file is, or would be. Creates nothing. */
export function findPlace(kind: DirectoryKind, fileName: string, options: PlaceOptions): Place {
  if (options.path !== undefined) return placeOf(explicitFile(options.path, fileName))
  return placeOf(join(findDirectory(kind, options), fileName))
}

/**
 * The same for writing: both directories exist afterwards.
 *
 * @throws `STORE_PERMISSIONS`, `STORE_WRITE`, `CONFIG_INVALID`
 */
export function makePlace(kind: DirectoryKind, fileName: string, options: PlaceOptions): Place {
  if (options.path === undefined) makeDirectory(kind, options)
  const place = findPlace(kind, fileName, options)
  makeOwnDirectory(place)
  return place
}

function makeOwnDirectory({ directory }: Place): void {
  try {
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return
    mkdirSync(directory, { mode: 0o700 })
    // An odd umask takes the owner's rights away too.
    chmodSync(directory, 0o700)
  } catch (error) {
    if (failedWith(error, 'EEXIST') && statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return
    if (!failedWith(error, 'ENOENT')) throw writeError(directory, error)
    const parent = dirname(directory)
    throw new AuthError('STORE_WRITE', `Could not write to ${parent}: the directory does not exist. Create it first.`)
  }
}

// cyrb53: 53 bits, no import. The full key inside the file is what counts.
function shortHash(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 0x9e3779b1)
    low = Math.imul(low ^ unit, 0x5f356495)
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return ((high >>> 0) * 0x200000 + ((low >>> 0) & 0x1fffff)).toString(16).padStart(14, '0')
}

/** The names of our files for one login. */
export function keyFiles(place: Place, key: LoginKey): KeyFiles {
  const stem = join(place.directory, shortHash(keyText(key)))
  return { lock: `${stem}.lock`, prompt: `${stem}.prompt`, own: `${stem}.json`, answer: `${stem}.answer` }
}
