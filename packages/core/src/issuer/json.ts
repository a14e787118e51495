/** A JSON object as it came: anything may be missing or of another type. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a value of JSON is an object: an array and `null` are none. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The JSON object in a text, or `undefined`: an array, a scalar and what does not parse are none. A BOM is let pass. */
export function jsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const memberOf = (object: JsonObject | undefined, name: string): unknown =>
  object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined

/** A member that is a non-empty string. */
export function textOf(object: JsonObject | undefined, name: string): string | undefined {
  const value = memberOf(object, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The strings in a member that is a list; none where it is something else. */
export function textsOf(object: JsonObject | undefined, name: string): readonly string[] {
  const value = memberOf(object, name)
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
