import { isUtf8 } from 'node:buffer'
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { AuthError, systemClock } from '@latchkey/core'
import { JsonSyntaxError } from './python-json.ts'
import { failedWith, readError, unreadable } from './store-error.ts'

/** A file that was read whole while nobody wrote it. */
export interface PrivateFile<T> {
  readonly value: T
  readonly text: string
  readonly stat: Stats
  /** Still open, where that was asked for; the caller closes it. */
  readonly descriptor: number | undefined
}

/** One look at a file: absent, read, or (for now, or for good) not to be had. */
export type Look<T> =
  | { readonly state: 'absent' }
  | { readonly state: 'read'; readonly file: PrivateFile<T> }
  | { readonly state: 'unsettled' | 'failed'; readonly error: AuthError }

const largest = 16 * 1024 * 1024
// Another writer creates its file by the umask and closes it to others a moment later.
const justChanged = 2_000
const patience = 1_000

/** Whether two looks saw the same file with the same content. */
export function sameVersion(a: Stats | undefined, b: Stats | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.ino === b.ino && a.dev === b.dev && a.size === b.size && a.mtimeMs === b.mtimeMs
}

/** Refuses, in the words of the openEO client, a file that others may read. Windows has no such modes. */
function looseness(path: string, stat: Stats): AuthError | undefined {
  if (process.platform === 'win32' || (stat.mode & 0o077) === 0) return undefined
  const mode = (stat.mode & 0o777).toString(8)
  return new AuthError(
    'STORE_PERMISSIONS',
    `File ${path} could be readable by others: mode ${mode} (expected: 600). Run: chmod 600 '${path}'`,
  )
}

function unfit(path: string, stat: Stats): AuthError | undefined {
  if (!stat.isFile()) return unreadable(path, stat.isDirectory() ? 'it is a directory' : 'it is not a regular file')
  if (stat.size > largest) return unreadable(path, `it is larger than ${largest} bytes`)
  return undefined
}

/** Decodes strictly: a lenient decoder would destroy what it does not know when the file is written again. */
function decode(path: string, bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!isUtf8(bytes)) {
    let at = text.indexOf('\ufffd')
    const genuine = (index: number): boolean =>
      bytes.subarray(Buffer.byteLength(text.slice(0, index))).readUIntBE(0, 3) === 0xefbfbd
    while (at !== -1 && bytes.length - Buffer.byteLength(text.slice(0, at)) >= 3 && genuine(at))
      at = text.indexOf('\ufffd', at + 1)
    throw unreadable(path, `it is not UTF-8 at byte ${Buffer.byteLength(text.slice(0, at))}`)
  }
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

function readAll(descriptor: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let length = 0
  for (let got = -1; got !== 0 && length < size; length += got) {
    got = readSync(descriptor, bytes, length, size - length, length)
  }
  return bytes.subarray(0, length)
}

/** Reads an open file; what a writer is busy with comes back as `unsettled`. */
export function lookInto<T>(path: string, descriptor: number, parse: (text: string) => T): Look<T> {
  const stat = fstatSync(descriptor)
  const error = unfit(path, stat)
  if (error !== undefined) return { state: 'failed', error }
  const loose = looseness(path, stat)
  if (loose !== undefined)
    return { state: Date.now() - stat.ctimeMs < justChanged ? 'unsettled' : 'failed', error: loose }
  const bytes = readAll(descriptor, stat.size)
  if (!sameVersion(stat, fstatSync(descriptor)))
    return { state: 'unsettled', error: unreadable(path, 'it keeps changing') }
  try {
    const text = decode(path, bytes)
    if (text === '') throw unreadable(path, 'it is empty')
    return { state: 'read', file: { value: parse(text), text, stat, descriptor: undefined } }
  } catch (error) {
    return { state: 'unsettled', error: parseError(path, bytes, error) }
  }
}

function parseError(path: string, bytes: Buffer, error: unknown): AuthError {
  if (!(error instanceof JsonSyntaxError)) return error as AuthError
  const whole = bytes.toString('utf8')
  const at = Buffer.byteLength(whole.slice(0, error.offset + (whole.charCodeAt(0) === 0xfeff ? 1 : 0)))
  return unreadable(path, `${error.message} (byte ${at} of ${bytes.length})`)
}

/** One look, without waiting. A FIFO in the file's place does not hang it. */
export function look<T>(path: string, parse: (text: string) => T, keepOpen = false): Look<T> {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return { state: 'absent' }
    return { state: 'failed', error: readError(path, error) }
  }
  let kept = false
  try {
    const seen = lookInto(path, descriptor, parse)
    if (!keepOpen || seen.state !== 'read') return seen
    kept = true
    return { state: 'read', file: { ...seen.file, descriptor } }
  } finally {
    if (!kept) closeSync(descriptor)
  }
}

/**
 * Waits until a look finds the file whole: a writer without a lock truncates it first. At most one second.
 *
 * @throws `STORE_UNREADABLE` with path and offset, `STORE_PERMISSIONS`
 */
export async function settled<T>(take: () => Look<T>): Promise<PrivateFile<T> | undefined> {
  let end = Number.POSITIVE_INFINITY
  for (let pause = 1; ; pause = Math.min(pause + 1, 20)) {
    const seen = take()
    if (seen.state === 'absent') return undefined
    if (seen.state === 'read') return seen.file
    // The clock is asked only once there is something to wait for: loading it costs a command that prints a token.
    const now = systemClock.monotonic()
    end = Math.min(end, now + patience)
    if (seen.state === 'failed' || now >= end) throw seen.error
    await systemClock.sleep(pause)
  }
}
