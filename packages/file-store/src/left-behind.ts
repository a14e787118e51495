import { closeSync, fstatSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type Look, lookInto, type PrivateFile, sameVersion, settled } from './private-file.ts'
import type { JsonObject, JsonValue } from './python-json.ts'
import { pythonJsonText } from './python-text.ts'
import { parseDocument } from './refresh-tokens.ts'

/** Changes a document in place; `false`: nothing was changed and nothing is to be written. */
export type Edit = (document: JsonObject) => boolean

/** The file as it was read, and as we wrote it. */
export interface Replaced {
  readonly read: PrivateFile<JsonObject>
  readonly written: JsonObject
}

/**
 * Whether the replaced file was written after it was read; then what to carry over from it. The text decides:
 * two writes within one tick of the file system's clock look the same from outside.
 */
export async function leftBehind(path: string, { read, written }: Replaced): Promise<Edit | undefined> {
  const { descriptor } = read
  if (descriptor === undefined) return undefined
  const take = (): Look<JsonObject | undefined> =>
    lookInto(path, descriptor, (text) => (text === read.text ? undefined : parseDocument(text)))
  // What never becomes whole, its writer having been killed, is nothing to carry over; and ours is in place already.
  const left = await settled(take).catch(() => undefined)
  if (left === undefined) return () => false
  const theirs = left.value
  if (theirs === undefined) return undefined
  // At once: until it is carried over, whoever stored it does not find it.
  const original = parseDocument(read.text)
  return (document) => carryOver({ original, theirs, written }, document)
}

/** Milliseconds from one look to the next: on an overloaded machine a writer may be held up between finding and truncating. */
const pauses = [20, 100]

/**
 * Looks into a replaced file again when its last writers have had their turn, carries over what came there, and closes
 * it. Nobody waits for it, and no process lives longer for it.
 */
export async function lookLater(path: string, replaced: Replaced, carry: (edit: Edit) => Promise<void>): Promise<void> {
  const { descriptor, stat } = replaced.read
  if (descriptor === undefined) return
  try {
    for (const pause of pauses) {
      await delay(pause, undefined, { ref: false })
      if (sameVersion(fstatSync(descriptor), stat)) continue
      const late = await leftBehind(path, replaced)
      if (late !== undefined) return await carry(late)
    }
  } catch {
    // What its writer never finished cannot be carried over; a file that cannot be written tells the next who writes it.
  } finally {
    closeSync(descriptor)
  }
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
