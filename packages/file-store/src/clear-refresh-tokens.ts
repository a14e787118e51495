import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findPlace, type Place, type PlaceOptions, refreshTokensName } from './place.ts'
import { fileLock } from './save-login.ts'
import { failedWith, readError, writeError } from './store-error.ts'
import { underLock } from './wait.ts'

function remove(path: string): boolean {
  try {
    rmSync(path)
    return true
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return false
    throw writeError(path, error)
  }
}

/** The hashes under which we keep something. */
function stems({ directory }: Place): readonly string[] {
  try {
    const names = readdirSync(directory).map((name) => /^([0-9a-f]{14})\.(?:json|answer|json\.tmp)$/.exec(name)?.[1])
    return [...new Set(names)].filter((stem) => stem !== undefined)
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return []
    throw readError(directory, error)
  }
}

/**
 * Removes every login without asking its issuer: first `refresh-tokens.json` (a link in its place is removed, not
 * followed), then what we keep for each login, one after another under its lock. Lock files stay: whoever waits for one
 * would otherwise hold a lock that locks nobody out.
 *
 * @returns whether there was a `refresh-tokens.json`
 * @throws `STORE_WRITE`, `STORE_PERMISSIONS`, `STORE_LOCKED`
 */
export async function clearRefreshTokens(options: PlaceOptions = {}): Promise<boolean> {
  const place = findPlace('data', refreshTokensName, options)
  if (statSync(place.directory, { throwIfNoEntry: false }) === undefined) return remove(place.named)
  const existed = await underLock(join(place.directory, fileLock), async () => {
    remove(join(place.directory, `${fileLock}.tmp`))
    return remove(place.named)
  })
  for (const stem of stems(place)) {
    const path = join(place.directory, stem)
    await underLock(`${path}.lock`, async () => {
      for (const kind of ['json', 'answer', 'json.tmp']) remove(`${path}.${kind}`)
    })
  }
  return existed
}
