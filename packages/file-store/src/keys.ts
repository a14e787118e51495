import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { aborted, keyText, type LoginKey } from '@latchkey/core'
import { readOwnKey } from './login-file.ts'
import type { Place } from './place.ts'
import { look, settled } from './private-file.ts'
import { parseForLookup, storedKeys } from './refresh-tokens.ts'
import { readSnapshot, type Site } from './snapshot.ts'
import { failedWith, readError } from './store-error.ts'

/** The names of our own login files; none before the first update. */
function ownFiles({ directory }: Place): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.json'))
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return []
    throw readError(directory, error)
  }
}

/** Every login: first those in the shared file, in its order, then what lives in ours alone. */
export async function* keysIn(
  place: Place,
  siteOf: (key: LoginKey) => Site,
  signal: AbortSignal | undefined,
): AsyncGenerator<LoginKey> {
  const shared = await settled(() => look(place.file, parseForLookup))
  const given = new Set<string>()
  for (const key of shared === undefined ? [] : storedKeys(shared.value)) {
    if (signal?.aborted) throw aborted(signal)
    given.add(keyText(key))
    yield key
  }
  for (const name of ownFiles(place)) {
    if (signal?.aborted) throw aborted(signal)
    const key = readOwnKey(join(place.directory, name))
    if (key === undefined || given.has(keyText(key))) continue
    if ((await readSnapshot(siteOf(key))).login !== undefined) yield key
  }
}
