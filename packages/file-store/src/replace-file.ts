import { closeSync, linkSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AuthError, systemClock } from '@latchkey/core'
import type { Place } from './place.ts'
import { type Look, look, lookInto, type PrivateFile, sameVersion, settled } from './private-file.ts'
import { type JsonObject, JsonSyntaxError, type JsonValue } from './python-json.ts'
import { pythonJsonText } from './python-text.ts'
import { parseDocument } from './refresh-tokens.ts'
import { failedWith, unreadable, writeError } from './store-error.ts'
import { moveInto, removeQuietly, syncDirectory, writeTemporary } from './temporary-file.ts'
import { underLock } from './wait.ts'

/** Changes a document in place; `false`: nothing was changed and nothing is to be written. */
export type Edit = (document: JsonObject) => boolean

/**
 * Merges a change into a file that is shared with writers that know no lock.
 *
 * Nothing is written over a version that the change did not see; and because such a writer may have opened the old file
 * just before it was replaced, the old one is looked into afterwards and what came there is carried over.
 *
 * @throws `STORE_UNREADABLE`, `STORE_PERMISSIONS`, `STORE_WRITE`; the old content is then whole
 */
export async function editFile(place: Place, lockName: string, edit: Edit): Promise<void> {
  await underLock(join(place.directory, lockName), async () => {
    const temporary = join(place.directory, `${lockName}.tmp`)
    let durable: Promise<void> | undefined
    for (let next: Edit | undefined = edit; next !== undefined; ) {
      const round: Round = await replaceOnce(place.file, temporary, next)
      next = round.next
      durable = round.durable ?? durable
    }
    await durable
  })
}

/** What one round came to. */
interface Round {
  /** What is left to do: the same change on a newer version, or what another writer had under way. */
  readonly next?: Edit | undefined
  /** Resolves when the new file's name is safe from power loss, where one was put in place. */
  readonly durable?: Promise<void>
}

async function replaceOnce(path: string, temporary: string, edit: Edit): Promise<Round> {
  const read = await settled(() => look(path, parseDocument, true))
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
    // At once, so that its writer finds it again soon; and once more when the disk has had its time, since a writer
    // may have found the old file just before it was replaced and truncate it just after.
    const next = await leftBehind(path, replaced)
    if (next !== undefined) return { next, durable }
    await durable
    return { next: await leftBehind(path, replaced), durable }
  } finally {
    if (read?.descriptor !== undefined) closeSync(read.descriptor)
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

/** The file as it was read, and as we wrote it. */
interface Replaced {
  readonly read: PrivateFile<JsonObject>
  readonly written: JsonObject
}

/**
 * Whether the replaced file was written after it was read; then what to carry over from it. The text decides:
 * two writes within one tick of the file system's clock look the same from outside.
 */
async function leftBehind(path: string, { read, written }: Replaced): Promise<Edit | undefined> {
  const { descriptor } = read
  if (descriptor === undefined) return undefined
  const left = await settled(
    (): Look<JsonObject | undefined> =>
      lookInto(path, descriptor, (text) => (text === read.text ? undefined : parseDocument(text))),
  )
  const theirs = left?.value
  if (theirs === undefined) return undefined
  // At once: until it is carried over, whoever stored it does not find it.
  const original = parseDocument(read.text)
  return (document) => carryOver({ original, theirs, written }, document)
}

/** What another writer put into the file that we replaced, and what it can be told by. */
export interface LeftBehind {
  readonly original: JsonObject
  readonly theirs: JsonObject
  readonly written: JsonObject
}

/**
 * Sets in `into` what `theirs` has that `original` had not, unless somebody has changed it there since we wrote it:
 * they came later.
 */
export function carryOver({ original, theirs, written }: LeftBehind, into: JsonObject): boolean {
  let changed = false
  for (const [name, value] of theirs) {
    if (same(original.get(name), value)) continue
    const here = into.get(name)
    if (value instanceof Map && here instanceof Map) {
      const within = { original: mapOf(original.get(name)), theirs: value, written: mapOf(written.get(name)) }
      changed = carryOver(within, here) || changed
    } else if (same(here, written.get(name))) {
      into.set(name, value)
      changed = true
    }
  }
  return changed
}

function mapOf(value: JsonValue | undefined): JsonObject {
  return value instanceof Map ? value : new Map()
}

function same(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return pythonJsonText(a) === pythonJsonText(b)
}
