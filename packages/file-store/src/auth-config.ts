import { type Clock, normalizeIssuer, systemClock } from '@latchkey/core'
import { memberAt, objectAt } from './document.ts'
import { authConfigName, findPlace, makePlace, type PlaceOptions } from './place.ts'
import { look, settled } from './private-file.ts'
import type { JsonObject, JsonValue } from './python-json.ts'
import { parseDocument, pythonDate } from './refresh-tokens.ts'
import { editFile } from './replace-file.ts'

/** Where the file is and who writes it. */
export interface AuthConfigOptions extends PlaceOptions {
  /** Gives dates; default the clock of the machine. */
  readonly clock?: Clock | undefined
  /** `created_by` of a file that does not exist yet; default `@latchkey/file-store`. */
  readonly createdBy?: string | undefined
}

/** A user and password of a back-end. */
export interface BasicCredentials {
  readonly username: string
  /** Absent: keep the one that is stored, as the openEO client does. */
  readonly password?: string | undefined
}

/** A client of an OpenID provider, as configured for a back-end. */
export interface OidcClient {
  /** Absent: a default client of the back-end. */
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /** As the back-end lists it. */
  readonly issuer?: string | undefined
}

/**
 * `auth-config.json` of the openEO Python client, which holds passwords and clients but no tokens.
 * A back-end is found under its `https://` form and under the bare one; it is stored under the first.
 * All methods throw `STORE_UNREADABLE` and `STORE_PERMISSIONS`, the setters also `STORE_WRITE`.
 */
export interface AuthConfig {
  basic(backend: string): Promise<BasicCredentials | undefined>
  setBasic(backend: string, credentials: BasicCredentials): Promise<void>
  /** By provider id, in the order they were added. */
  oidcClients(backend: string): Promise<ReadonlyMap<string, OidcClient>>
  oidcClient(backend: string, providerId: string): Promise<OidcClient | undefined>
  setOidcClient(backend: string, providerId: string, client: OidcClient): Promise<void>
  /** The secret that any back-end has for a client of this issuer. */
  clientSecret(issuer: string, clientId: string): Promise<string | undefined>
}

export const authConfigLock = 'auth-config.lock'

const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Slashes off its end, as the openEO client does; `https://` where no scheme is given, as its connection does. */
function backendKey(backend: string): string {
  const url = backend.replace(/(?<!\/)\/+$/, '') || '/'
  return url.includes('://') ? url : `https://${url}`
}

/** The keys under which that client may have stored a back-end. */
export function backendKeys(backend: string): readonly string[] {
  const key = backendKey(backend)
  return key.startsWith('https://') ? [key, key.slice('https://'.length)] : [key]
}

function clientOf(entry: JsonValue): OidcClient {
  const clientId = text(memberAt(entry, 'client_id'))
  const clientSecret = clientId === undefined ? undefined : text(memberAt(entry, 'client_secret'))
  return { clientId, clientSecret, issuer: text(memberAt(entry, 'issuer')) }
}

function clientsOf(document: JsonObject | undefined, backend: string): ReadonlyMap<string, OidcClient> {
  const clients = new Map<string, OidcClient>()
  for (const key of backendKeys(backend)) {
    const providers = memberAt(document, 'backends', key, 'oidc', 'providers')
    if (!(providers instanceof Map)) continue
    for (const [id, entry] of providers) if (!clients.has(id)) clients.set(id, clientOf(entry))
  }
  return clients
}

function basicOf(document: JsonObject | undefined, backend: string): BasicCredentials | undefined {
  for (const key of backendKeys(backend)) {
    const entry = memberAt(document, 'backends', key, 'basic')
    const username = text(memberAt(entry, 'username'))
    if (username !== undefined) return { username, password: text(memberAt(entry, 'password')) }
  }
  return undefined
}

function secretOf(document: JsonObject | undefined, issuer: string, clientId: string): string | undefined {
  const backends = memberAt(document, 'backends')
  for (const backend of backends instanceof Map ? backends.keys() : []) {
    const providers = memberAt(backends, backend, 'oidc', 'providers')
    for (const entry of providers instanceof Map ? providers.values() : []) {
      const client = clientOf(entry)
      if (client.clientId !== clientId || client.issuer === undefined || client.clientSecret === undefined) continue
      if (normalizeIssuer(client.issuer) === normalizeIssuer(issuer)) return client.clientSecret
    }
  }
  return undefined
}

/** Opens `auth-config.json`. Made without touching the disk. */
export function authConfig(options: AuthConfigOptions = {}): AuthConfig {
  const { clock = systemClock, createdBy = '@latchkey/file-store' } = options
  const read = async (): Promise<JsonObject | undefined> => {
    const { file } = findPlace('config', authConfigName, options)
    return (await settled(() => look(file, parseDocument)))?.value
  }
  const write = (path: readonly string[], values: readonly (readonly [string, JsonValue])[]): Promise<void> =>
    editFile(makePlace('config', authConfigName, options), authConfigLock, (document) => {
      const date = pythonDate(clock)
      const entry = objectAt(document, ['backends', ...path])
      for (const [name, value] of [['date', date] as const, ...values]) entry.set(name, value)
      complete(document, date, createdBy)
      return true
    })
  return {
    basic: async (backend) => basicOf(await read(), backend),
    setBasic: (backend, { username, password }) =>
      write(
        [backendKey(backend), 'basic'],
        [['username', username], ...(password ? [['password', password] as const] : [])],
      ),
    oidcClients: async (backend) => clientsOf(await read(), backend),
    oidcClient: async (backend, providerId) => clientsOf(await read(), backend).get(providerId),
    setOidcClient: (backend, providerId, { clientId, clientSecret, issuer }) =>
      write(
        [backendKey(backend), 'oidc', 'providers', providerId],
        [
          ['client_id', clientId ?? null],
          ['client_secret', clientSecret ?? null],
          ...(issuer ? [['issuer', issuer] as const] : []),
        ],
      ),
    clientSecret: async (issuer, clientId) => secretOf(await read(), issuer, clientId),
  }
}

/** What the openEO client adds to a file that has no `metadata`, after the first entry. */
function complete(document: JsonObject, created: string, createdBy: string): void {
  if (document.has('metadata')) return
  const metadata: JsonObject = new Map()
  metadata
    .set('type', 'AuthConfig')
    .set('created', created)
    .set('created_by', createdBy)
    .set('version', { number: '1' })
  document.set('metadata', metadata)
  if (!document.has('general')) document.set('general', new Map())
}
