import type { Registration } from '@latchkey/core'
import { type JsonObject, type JsonValue, ownDocument, type PlaceOptions } from '@latchkey/file-store'
import { canonicalIssuer } from '../target.ts'

/** A client that was registered from here, as it is kept. */
export interface KeptClient
  extends Pick<Registration, 'clientId' | 'clientSecret' | 'registrationUri' | 'registrationToken'> {
  /** What its logins ask for. */
  readonly scope?: string
  readonly redirectUris: readonly string[]
}

/** The clients registered from here, one an issuer: `latchkey/registrations.json` beside `refresh-tokens.json`, closed to others. */
export interface Registrations {
  get(issuer: string): Promise<KeptClient | undefined>
  set(issuer: string, client: KeptClient): Promise<void>
  remove(issuer: string): Promise<void>
}

const members = [
  ['scope', 'scope'],
  ['clientSecret', 'client_secret'],
  ['registrationUri', 'registration_client_uri'],
  ['registrationToken', 'registration_access_token'],
] as const

function clientIn(entry: JsonValue | undefined): KeptClient | undefined {
  if (!(entry instanceof Map)) return undefined
  const clientId = entry.get('client_id')
  if (typeof clientId !== 'string' || clientId === '') return undefined
  const uris = entry.get('redirect_uris')
  const redirectUris = Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : []
  const texts = members
    .map(([name, wire]) => [name, entry.get(wire)] as const)
    .filter(([, value]) => typeof value === 'string' && value !== '')
  return { clientId, redirectUris, ...Object.fromEntries(texts) }
}

function entryOf(client: KeptClient): JsonObject {
  const entry: JsonObject = new Map<string, JsonValue>([
    ['client_id', client.clientId],
    ['redirect_uris', [...client.redirectUris]],
  ])
  for (const [name, wire] of members) {
    const value = client[name]
    if (value !== undefined) entry.set(wire, value)
  }
  return entry
}

/** Opens the memory of registered clients. Made without touching the disk; its methods throw what the file store throws. */
export function registrations(options: PlaceOptions = {}): Registrations {
  const document = ownDocument('registrations', options)
  return {
    get: async (issuer) => clientIn((await document.read())?.get(canonicalIssuer(issuer))),
    set: (issuer, client) =>
      document.edit((all) => {
        all.set(canonicalIssuer(issuer), entryOf(client))
        return true
      }),
    remove: (issuer) => document.edit((all) => all.delete(canonicalIssuer(issuer))),
  }
}
