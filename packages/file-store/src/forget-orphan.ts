import { tryLock } from './lock.ts'
import { readUnderLock, type Site } from './snapshot.ts'
import { wanted } from './wait.ts'

/**
 * Empties our own files for a login that someone logged out elsewhere, if its lock is to be had at once.
 * A reader must not fail over this: whoever holds the lock, or comes next, does the same.
 */
export async function forgetOrphan(site: Site): Promise<void> {
  if (wanted(site.files.lock)) return
  try {
    const held = tryLock(site.files.lock)
    if (held === undefined) return
    try {
      await readUnderLock(site)
    } finally {
      held.release()
    }
  } catch {
    // A read-only place keeps what it has.
  }
}
