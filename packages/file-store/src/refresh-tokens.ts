import type { Clock, LoginKey } from '@latchkey/core'
import { objectAt } from './document.ts'
import { type JsonObject, JsonSyntaxError, parsePythonJson } from './python-json.ts'

/** What a reader needs of `refresh-tokens.json`: plain objects where the fast parser will do, Maps where it will not. */
export type TokenDocument = JsonObject | Readonly<Record<string, unknown>>

/** The current time as the openEO client writes it: UTC, whole seconds. */
export function pythonDate(clock: Clock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`
}

/** The whole document, in order, for changing it. */
export function parseDocument(text: string): JsonObject {
  const value = parsePythonJson(text)
  if (value instanceof Map) return value
  throw new JsonSyntaxError('it holds no object', 0)
}

/** The document for looking something up. Native parsing first; only what Python alone accepts takes the slow way. */
export function parseForLookup(text: string): TokenDocument {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return parseDocument(text)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as TokenDocument
  throw new JsonSyntaxError('it holds no object', 0)
}

function member(value: unknown, name: string): unknown {
  if (value instanceof Map) return value.get(name)
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}

const members = (value: unknown): readonly string[] => {
  if (value instanceof Map) return [...value.keys()]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
}

/** The refresh token stored for a key. Like the openEO client, sees nothing in an entry of another shape. */
export function storedToken(document: TokenDocument | undefined, key: LoginKey): string | undefined {
  const token = member(member(member(document, key.issuer), key.clientId), 'refresh_token')
  return typeof token === 'string' && token !== '' ? token : undefined
}

/** Every key with a refresh token. */
export function storedKeys(document: TokenDocument): readonly LoginKey[] {
  const keys = members(document).flatMap((issuer) =>
    members(member(document, issuer)).map((clientId) => ({ issuer, clientId })),
  )
  return keys.filter((key) => storedToken(document, key) !== undefined)
}

/** Sets an entry as the openEO client does: the whole entry is replaced and keeps its place. */
export function setStoredToken(document: JsonObject, key: LoginKey, refreshToken: string, date: string): void {
  const entry: JsonObject = new Map([
    ['date', date],
    ['refresh_token', refreshToken],
  ])
  objectAt(document, [key.issuer]).set(key.clientId, entry)
}

/** Removes an entry, and its issuer when that was the last. */
export function removeStoredToken(document: JsonObject, key: LoginKey): void {
  const clients = document.get(key.issuer)
  if (!(clients instanceof Map)) return
  clients.delete(key.clientId)
  if (clients.size === 0) document.delete(key.issuer)
}
