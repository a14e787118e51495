import { closeSync, linkSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AuthError, systemClock } from '@latchkey/core'
import { type Edit, leftBehind, lookLater, type Replaced } from './left-behind.ts'
import type { Place } from './place.ts'
import { look, type PrivateFile, sameVersion, settled } from './private-file.ts'
import { type JsonObject, JsonSyntaxError } from './python-json.ts'
import { pythonJsonText } from './python-text.ts'
import { parseDocument } from './refresh-tokens.ts'
import { failedWith, unreadable, writeError } from './store-error.ts'
import { moveInto, removeQuietly, syncDirectory, writeTemporary } from './temporary-file.ts'
import { underLock } from './wait.ts'

/**
 * Merges a change into a file that is shared with writers that know no lock.
 *
 * Nothing is written over a version that the change did not see; and because such a writer may have opened the old file
 * just before it was replaced, the old one is looked into afterwards and what came there is carried over.
 *
 * @throws `STORE_UNREADABLE`, `STORE_PERMISSIONS`, `STORE_WRITE`; the old content is then whole
 */
export async function editFile(place: Place, lockName: string, edit: Edit): Promise<void> {
  const replaced = await underLock(join(place.directory, lockName), async () => {
    const temporary = join(place.directory, `${lockName}.tmp`)
    let round = await replaceOnce(place.file, temporary, edit)
    let { durable } = round
    while (round.next !== undefined) {
      round = await replaceOnce(place.file, temporary, round.next)
      durable = round.durable ?? durable
    }
    await durable
    return round.replaced
  })
  if (replaced !== undefined) void lookLater(place.file, replaced, (late) => editFile(place, lockName, late))
}

/** What one round came to. */
interface Round {
  /** What is left to do: the same change on a newer version, or what another writer had under way. */
  readonly next?: Edit | undefined
  /** Resolves when the new file's name is safe from power loss, where one was put in place. */
  readonly durable?: Promise<void>
  /** What was replaced, still open, where nobody has been seen to write into it. */
  readonly replaced?: Replaced
}

async function replaceOnce(path: string, temporary: string, edit: Edit): Promise<Round> {
  const read = await settled(() => look(path, parseDocument, true))
  let kept = false
  try {
    const document: JsonObject = read?.value ?? new Map()
    if (!edited(path, document, edit)) return {}
    assertOurs(path, read)
    await writeTemporary(temporary, pythonText(document), true)
    if (!sameVersion(statSync(path, { throwIfNoEntry: false }), read?.stat)) {
      removeQuietly(temporary)
      return { next: edit }
    }
    if (!(await moved(temporary, path, read !== undefined))) return { next: edit }
    const durable = syncDirectory(dirname(path))
    if (read === undefined) return { durable }
    const replaced = { read, written: document }
    // At once, so that its writer finds it again soon; once more when the disk has had its time, since a writer may
    // have found the old file just before it was replaced and truncate it just after; and later still without the lock.
    const next = await leftBehind(path, replaced)
    if (next !== undefined) return { next, durable }
    await durable
    const later = await leftBehind(path, replaced)
    kept = later === undefined
    return kept ? { durable, replaced } : { next: later, durable }
  } finally {
    if (!kept && read?.descriptor !== undefined) closeSync(read.descriptor)
  }
}

function edited(path: string, document: JsonObject, edit: Edit): boolean {
  try {
    return edit(document)
  } catch (error) {
    throw error instanceof JsonSyntaxError ? unreadable(path, error.message) : error
  }
}

/** Text mode on Windows. */
function pythonText(document: JsonObject): string {
  const text = pythonJsonText(document)
  return process.platform === 'win32' ? text.replaceAll('\n', '\r\n') : text
}

/** A rename would make the file ours and lock its owner out of it. */
function assertOurs(path: string, read: PrivateFile<JsonObject> | undefined): void {
  const user = process.geteuid?.()
  if (read === undefined || user === undefined || read.stat.uid === user) return
  throw new AuthError(
    'STORE_PERMISSIONS',
    `${path} belongs to user ${read.stat.uid}, not to you (${user}); writing it would lock them out. Run this as that user.`,
  )
}

/** A file that nobody had yet is put in place without replacing one that came meanwhile. */
async function moved(temporary: string, path: string, replaces: boolean): Promise<boolean> {
  if (replaces) {
    await moveWhereOpen(temporary, path)
    return true
  }
  try {
    linkSync(temporary, path)
    rmSync(temporary)
    return true
  } catch (error) {
    if (failedWith(error, 'EEXIST', 'EACCES', 'EROFS', 'ENOSPC')) {
      removeQuietly(temporary)
      if (failedWith(error, 'EEXIST')) return false
      throw writeError(path, error)
    }
    moveInto(temporary, path)
    return true
  }
}

/** Windows refuses to replace a file that somebody has open: for at most a second it is tried again. */
async function moveWhereOpen(temporary: string, path: string): Promise<void> {
  if (process.platform !== 'win32') return moveInto(temporary, path)
  const start = systemClock.monotonic()
  for (;;) {
    try {
      renameSync(temporary, path)
      return
    } catch (error) {
      const open = failedWith(error, 'EPERM', 'EBUSY', 'EACCES')
      if (!open || systemClock.monotonic() - start > 1_000) throw writeError(path, error)
      await systemClock.sleep(10)
    }
  }
}
