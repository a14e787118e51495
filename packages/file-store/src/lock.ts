import { accessSync, chmodSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { AuthError } from '@latchkey/core'
import { writeError } from './store-error.ts'

/** A lock that is ours until released, or until this process ends, however it ends. */
export interface Held {
  release(): void
}

// SQLite's result codes (sqlite.org/rescode.html); the extended ones carry these in their low byte.
const busy = new Set([5, 6])
const forbidden = new Set([3, 8, 14])
const notOurs = 26

// A handle that the garbage collector takes would end its lock without a word.
const referenced = new Set<DatabaseSync>()

function loadSqlite(): typeof import('node:sqlite') {
  // Node 22 calls node:sqlite experimental on stderr of whoever loads it; the part used here has not changed since.
  const own = Object.getOwnPropertyDescriptor(process, 'emitWarning')
  const emit = (warning: string | Error, ...rest: unknown[]): void => {
    if (!String(warning).includes('SQLite')) Reflect.apply(own?.value as () => void, process, [warning, ...rest])
  }
  if (own !== undefined) Object.defineProperty(process, 'emitWarning', { ...own, value: emit })
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    if (own !== undefined) Object.defineProperty(process, 'emitWarning', own)
  }
}

let sqlite: typeof import('node:sqlite') | undefined

function lockError(path: string, error: unknown): AuthError | undefined {
  const errcode = (error as { errcode?: unknown }).errcode
  if (typeof errcode !== 'number') return undefined
  const kind = errcode & 0xff
  if (kind === notOurs) {
    return new AuthError(
      'STORE_UNREADABLE',
      `The lock file ${path} holds something else. Delete it while nothing uses it.`,
    )
  }
  const owner = statSync(path, { throwIfNoEntry: false })?.uid
  if (forbidden.has(kind) && owner !== undefined) {
    return new AuthError(
      'STORE_PERMISSIONS',
      `The lock file ${path} belongs to user ${owner} or is read-only, so logins cannot be changed. ` +
        `Run: sudo chown "$(id -u)" '${path}' && chmod 600 '${path}'`,
    )
  }
  if (forbidden.has(kind)) return createError(path)
  return new AuthError('STORE_WRITE', `The lock file ${path} could not be used (SQLite ${errcode}).`, { cause: error })
}

/** SQLite does not say why it could not make a file; the system does. */
function createError(path: string): AuthError {
  try {
    accessSync(dirname(path), constants.W_OK)
  } catch (error) {
    return writeError(path, error)
  }
  return new AuthError('STORE_WRITE', `The lock file ${path} could not be created. Is the disk full?`)
}

const isBusy = (error: unknown): boolean => busy.has(((error as { errcode?: number }).errcode ?? 0) & 0xff)

const inode = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino

function close(handle: DatabaseSync): void {
  referenced.delete(handle)
  handle.close()
}

/**
 * Takes the lock, or gives `undefined` at once when somebody has it.
 * The file must never be opened by anything else in this process: closing any descriptor of it ends the lock (POSIX).
 *
 * @throws `STORE_PERMISSIONS` for a file that we cannot write, which would lock nobody out; `STORE_UNREADABLE` for a foreign one
 */
export function tryLock(path: string): Held | undefined {
  sqlite ??= loadSqlite()
  const before = inode(path)
  let handle: DatabaseSync | undefined
  try {
    handle = new sqlite.DatabaseSync(path, { timeout: 0 })
    referenced.add(handle)
    if (before === undefined) chmodSync(path, 0o600)
    // MEMORY: no journal file is left behind by a kill, and none needs a writable directory.
    handle.exec('PRAGMA journal_mode=MEMORY')
    handle.exec('BEGIN IMMEDIATE')
    // A file that we may only read locks without locking; writing to it tells. Nothing is ever committed.
    handle.exec('PRAGMA user_version=1')
  } catch (error) {
    if (handle !== undefined) close(handle)
    if (isBusy(error)) return undefined
    throw lockError(path, error) ?? error
  }
  const taken = handle
  if (before !== undefined && inode(path) !== before) {
    close(taken)
    return undefined
  }
  return { release: () => close(taken) }
}
