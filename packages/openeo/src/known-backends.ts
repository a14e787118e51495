import { type Clock, systemClock } from '@latchkey/core'
import { authConfig, configEntries, type JsonValue, ownDocument, type PlaceOptions } from '@latchkey/file-store'
import { backendUrl } from './address.ts'

export { headerForm } from './header-form.ts'

/** Which login belongs to a back-end, and how its token is sent. */
export interface KnownBackend {
  readonly providerId: string
  /** As the back-end lists it: the key of the login. */
  readonly issuer: string
  readonly clientId: string
  /** Whether the back-end takes the token without `oidc/PROVIDER/`. */
  readonly bareJwt: boolean
}

/** Where the memory is, and what time it is. */
export interface KnownBackendsOptions extends PlaceOptions {
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
}

/** The memory of back-ends: `latchkey/openeo-backends.json` beside `refresh-tokens.json`, which does not say which back-end a login belongs to. */
export interface KnownBackends {
  /** The login last made at a back-end, unless `auth-config.json` was told something else about it since. */
  get(url: string): Promise<KnownBackend | undefined>
  /** Writes nothing where `get` gives the same. */
  set(url: string, backend: KnownBackend): Promise<void>
  /** Whether there was one. */
  remove(url: string): Promise<boolean>
}

const textIn = (entry: JsonValue | undefined, name: string): string | undefined => {
  const value = entry instanceof Map ? entry.get(name) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

function backendIn(entry: JsonValue | undefined): KnownBackend | undefined {
  const [providerId, issuer, clientId] = ['provider_id', 'issuer', 'client_id'].map((name) => textIn(entry, name))
  if (providerId === undefined || issuer === undefined || clientId === undefined) return undefined
  return { providerId, issuer, clientId, bareJwt: entry instanceof Map && entry.get('bare_jwt') === true }
}

/** Whether `auth-config.json` was written for a back-end, by `openeo-auth` say, after the login there. To the second. */
async function configuredSince(url: string, entry: JsonValue | undefined, options: PlaceOptions): Promise<boolean> {
  const madeAt = Date.parse(textIn(entry, 'date') ?? '')
  const entries = await configEntries(url, options)
  return entries.some(({ writtenAt = madeAt }) => writtenAt > madeAt)
}

const sameBackend = (a: KnownBackend | undefined, b: KnownBackend): boolean =>
  a !== undefined &&
  a.providerId === b.providerId &&
  a.issuer === b.issuer &&
  a.clientId === b.clientId &&
  a.bareJwt === b.bareJwt

/**
 * Opens the memory of back-ends. Made without touching the disk. All methods throw `CONFIG_INVALID` for what is no
 * address of a back-end, and what the file store throws for its files.
 */
export function knownBackends({ clock = systemClock, ...options }: KnownBackendsOptions = {}): KnownBackends {
  const document = ownDocument('openeo-backends', options)
  const standing = async (key: string): Promise<KnownBackend | undefined> => {
    const entry = (await document.read())?.get(key)
    const found = backendIn(entry)
    return found !== undefined && (await configuredSince(key, entry, options)) ? undefined : found
  }
  return {
    get: async (url) => standing(backendUrl(url)),
    set: async (url, backend) => {
      const key = backendUrl(url)
      const { providerId, issuer, clientId, bareJwt } = backend
      if (sameBackend(await standing(key), backend)) return
      const date = new Date(clock.now()).toISOString().replace(/\.\d+/, '')
      const entry = { date, provider_id: providerId, issuer, client_id: clientId, bare_jwt: bareJwt }
      await document.edit((all) => {
        all.set(key, new Map<string, JsonValue>(Object.entries(entry)))
        return true
      })
    },
    remove: async (url) => {
      const key = backendUrl(url)
      if ((await document.read())?.has(key) !== true) return false
      let removed = false
      await document.edit((all) => (removed = all.delete(key)))
      return removed
    },
  }
}

/** What the files say of a back-end: the login of an OpenID provider, or a user and password. */
export type StoredBackend =
  | {
      readonly method: 'oidc'
      readonly providerId: string
      readonly issuer: string
      /** Absent: a default client, which only the back-end can name. */
      readonly clientId?: string | undefined
      readonly bareJwt: boolean
    }
  | { readonly method: 'basic'; readonly username: string }

/** Where the files are, and which logins are stored. */
export interface StoredBackendOptions extends Pick<PlaceOptions, 'env' | 'home' | 'platform'> {
  /** Whether there is a login of an issuer, and of a client where one is configured; default: nobody knows. */
  readonly isLoggedIn?: ((issuer: string, clientId: string | undefined) => boolean) | undefined
}

const onlyOne = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined)

/**
 * How requests to a back-end authenticate, from files alone: the login last made for it, else what `auth-config.json`
 * has. Of several providers there, the one in `OPENEO_AUTH_PROVIDER_ID`, else the only one with a login; which one is
 * meant otherwise only the back-end can say.
 *
 * @returns `undefined` where the files do not tell
 * @throws `CONFIG_INVALID`, `STORE_UNREADABLE`, `STORE_PERMISSIONS`
 */
export async function storedBackend(
  url: string,
  { isLoggedIn = () => false, ...options }: StoredBackendOptions = {},
): Promise<StoredBackend | undefined> {
  const known = await knownBackends(options).get(url)
  if (known !== undefined) return { method: 'oidc', ...known }
  const config = authConfig(options)
  const clients = [...(await config.oidcClients(backendUrl(url)))]
  const named = (options.env ?? process.env)['OPENEO_AUTH_PROVIDER_ID']
  const withLogin = clients.filter(([, { issuer, clientId }]) => issuer !== undefined && isLoggedIn(issuer, clientId))
  const [providerId, client] = clients.find(([id]) => id === named) ?? onlyOne(clients) ?? onlyOne(withLogin) ?? []
  if (providerId !== undefined && client?.issuer !== undefined) {
    return { method: 'oidc', providerId, issuer: client.issuer, clientId: client.clientId, bareJwt: false }
  }
  const user = clients.length === 0 ? await config.basic(backendUrl(url)) : undefined
  return user === undefined ? undefined : { method: 'basic', username: user.username }
}
