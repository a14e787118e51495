import { authConfigLock, backendKeys } from './auth-config.ts'
import { memberAt } from './document.ts'
import { authConfigName, findPlace, makePlace, type PlaceOptions } from './place.ts'
import type { JsonObject, JsonValue } from './python-json.ts'
import { editFile } from './replace-file.ts'
import { readDocument } from './shared-files.ts'

/** One thing that `auth-config.json` holds for a back-end. */
export type ConfigEntry = ({ readonly kind: 'basic' } | { readonly kind: 'oidc'; readonly providerId: string }) & {
  /** Epoch milliseconds, to the second, of when it was written; absent where the file does not say. */
  readonly writtenAt?: number | undefined
}

const keysOf = (value: JsonValue | undefined): readonly string[] => (value instanceof Map ? [...value.keys()] : [])

/**
 * What `auth-config.json` holds for a back-end, under its `https://` form and the bare one; the clients in their order.
 *
 * @throws `STORE_UNREADABLE`, `STORE_PERMISSIONS`
 */
export async function configEntries(backend: string, options: PlaceOptions = {}): Promise<readonly ConfigEntry[]> {
  const document = await readDocument(findPlace('config', authConfigName, options).file)
  const entries = backendKeys(backend).map((key) => memberAt(document, 'backends', key))
  const ids = new Set(entries.flatMap((entry) => keysOf(memberAt(entry, 'oidc', 'providers'))))
  const basic = entries.map((entry) => memberAt(entry, 'basic')).filter((entry) => entry !== undefined)
  return [
    ...(basic.length > 0 ? [{ kind: 'basic', writtenAt: latest(basic) } as const] : []),
    ...[...ids].map((providerId) => {
      const written = latest(entries.map((entry) => memberAt(entry, 'oidc', 'providers', providerId)))
      return { kind: 'oidc', providerId, writtenAt: written } as const
    }),
  ]
}

/** The latest date of entries of one kind. */
function latest(entries: readonly (JsonValue | undefined)[]): number | undefined {
  const dates = entries
    .map((entry) => memberAt(entry, 'date'))
    .map((date) => (typeof date === 'string' ? Date.parse(date) : Number.NaN))
    .filter((date) => !Number.isNaN(date))
  return dates.length === 0 ? undefined : Math.max(...dates)
}

/**
 * Removes entries of a back-end, and the back-end itself once nothing is left of it. The rest of the file stays as it is.
 *
 * @throws `STORE_UNREADABLE`, `STORE_PERMISSIONS`, `STORE_WRITE`; the file is then whole
 */
export async function removeConfigEntries(
  backend: string,
  entries: readonly ConfigEntry[],
  options: PlaceOptions = {},
): Promise<void> {
  await editFile(makePlace('config', authConfigName, options), authConfigLock, (document) => {
    const backends = memberAt(document, 'backends')
    if (!(backends instanceof Map)) return false
    const removed = backendKeys(backend).map((key) => removeFrom(backends, key, entries))
    return removed.includes(true)
  })
}

function removeFrom(backends: JsonObject, key: string, entries: readonly ConfigEntry[]): boolean {
  const backend = backends.get(key)
  if (!(backend instanceof Map)) return false
  const oidc = backend.get('oidc')
  const providers = memberAt(oidc, 'providers')
  const removed = entries.map((entry) => {
    if (entry.kind === 'basic') return backend.delete('basic')
    return providers instanceof Map && providers.delete(entry.providerId)
  })
  if (!removed.includes(true)) return false
  if (providers instanceof Map && providers.size === 0 && oidc instanceof Map) oidc.delete('providers')
  if (oidc instanceof Map && oidc.size === 0) backend.delete('oidc')
  if (backend.size === 0) backends.delete(key)
  return true
}
