import { type JsonObject, JsonSyntaxError, type JsonValue } from './python-json.ts'

/** The value at a path of keys, if there is one. */
export function memberAt(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  let at = value
  for (const name of path) at = at instanceof Map ? at.get(name) : undefined
  return at
}

/**
 * The object at a path, made where nothing stands.
 *
 * @throws JsonSyntaxError where something else stands: it is not ours to replace
 */
export function objectAt(document: JsonObject, path: readonly string[]): JsonObject {
  let at = document
  for (const name of path) {
    const next = at.get(name)
    if (next !== undefined && next !== null && !(next instanceof Map)) {
      throw new JsonSyntaxError(`the value of ${JSON.stringify(name)} is no object`, 0)
    }
    const object: JsonObject = next ?? new Map()
    if (next !== object) at.set(name, object)
    at = object
  }
  return at
}

const secret = new Set(['client_secret', 'password', 'refresh_token'])

/** A copy with every password, secret and refresh token replaced by `<redacted>`, as the openEO tool dumps it: lists are not looked into. */
export function redactedDocument(document: JsonObject): JsonObject {
  const copy: JsonObject = new Map()
  for (const [name, value] of document) {
    copy.set(name, secret.has(name) ? '<redacted>' : value instanceof Map ? redactedDocument(value) : value)
  }
  return copy
}
