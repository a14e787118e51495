import { closeSync, fchmodSync, fdatasync, fsync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { writeError } from './store-error.ts'

const flush = promisify(fsync)
const flushData = promisify(fdatasync)

/** Writes every byte: one `write` may take fewer than it was given. */
export function writeWhole(descriptor: number, bytes: Buffer, position: number | null): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position === null ? null : position + done)
  }
}

/**
 * Writes a new file that only we can read, under a name that is ours by the lock we hold. One fixed name:
 * whoever was killed here left at most one file, and the next writer takes it away.
 *
 * @throws `STORE_WRITE`, `STORE_PERMISSIONS`; nothing is left behind
 */
export async function writeTemporary(path: string, text: string, durable: boolean): Promise<void> {
  let descriptor: number | undefined
  try {
    rmSync(path, { force: true })
    descriptor = openSync(path, 'wx', 0o600)
    fchmodSync(descriptor, 0o600)
    writeWhole(descriptor, Buffer.from(text), null)
    if (durable) await flush(descriptor)
  } catch (error) {
    removeQuietly(path)
    throw writeError(path, error)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** Removes what nobody will miss. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // The error that led here says more than this one.
  }
}

/** Makes the bytes of an open file safe from power loss. */
export function syncData(descriptor: number): Promise<void> {
  return flushData(descriptor)
}

/** Makes an open file safe from power loss, its size included. */
export function syncFile(descriptor: number): Promise<void> {
  return flush(descriptor)
}

/** Makes a rename in this directory safe from power loss. Windows cannot, and some network file systems need not. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    await flush(descriptor)
  } catch {
    // The rename itself is done: readers see it, and nothing is gained by calling it failed.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** Puts a temporary file in its place. */
export function moveInto(temporary: string, path: string): void {
  try {
    renameSync(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw writeError(path, error)
  }
}
