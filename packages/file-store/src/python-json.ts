/** JSON as Python's `json` module reads it: keys keep their order and spelling, numbers their kind and digits. */
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject
/** A Map, because a plain object moves integer-like keys to the front and loses `__proto__`. */
export type JsonObject = Map<string, JsonValue>
/** A number as Python would write it again. */
export interface JsonNumber {
  readonly number: string
}

/** Text that is no JSON. `offset` counts UTF-16 units. */
export class JsonSyntaxError extends SyntaxError {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

interface Cursor {
  readonly text: string
  at: number
}

// Deeper than any file of ours, and well before the stack ends.
const deepest = 500
const space = /[ \t\n\r]*/y
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const words: readonly (readonly [string, JsonValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', { number: 'NaN' }],
  ['Infinity', { number: 'Infinity' }],
  ['-Infinity', { number: '-Infinity' }],
]

/**
 * Parses what Python's `json.load` accepts: also `NaN` and infinities; of duplicate keys the last value at the first place.
 *
 * @throws JsonSyntaxError with the offset of what it could not read
 */
export function parsePythonJson(text: string): JsonValue {
  const cursor: Cursor = { text, at: 0 }
  const value = parseValue(cursor, 0)
  skipSpace(cursor)
  if (cursor.at < text.length) throw new JsonSyntaxError('there is more after the end', cursor.at)
  return value
}

function skipSpace(cursor: Cursor): void {
  space.lastIndex = cursor.at
  space.test(cursor.text)
  cursor.at = space.lastIndex
}

function parseValue(cursor: Cursor, depth: number): JsonValue {
  if (depth > deepest) throw new JsonSyntaxError('it is nested too deeply', cursor.at)
  skipSpace(cursor)
  const char = cursor.text[cursor.at]
  if (char === '"') return parseString(cursor)
  if (char === '{') return parseObject(cursor, depth)
  if (char === '[') return parseArray(cursor, depth)
  for (const [word, value] of words) {
    if (!cursor.text.startsWith(word, cursor.at)) continue
    cursor.at += word.length
    return value
  }
  return parseNumber(cursor)
}

function parseObject(cursor: Cursor, depth: number): JsonObject {
  const object: JsonObject = new Map()
  cursor.at++
  if (ends(cursor, '}')) return object
  do {
    skipSpace(cursor)
    if (cursor.text[cursor.at] !== '"') throw new JsonSyntaxError('a key in quotes is missing', cursor.at)
    const key = parseString(cursor)
    if (!ends(cursor, ':')) throw new JsonSyntaxError('a colon is missing', cursor.at)
    object.set(key, parseValue(cursor, depth + 1))
  } while (ends(cursor, ','))
  if (!ends(cursor, '}')) throw new JsonSyntaxError('a comma or closing brace is missing', cursor.at)
  return object
}

function parseArray(cursor: Cursor, depth: number): JsonValue[] {
  const array: JsonValue[] = []
  cursor.at++
  if (ends(cursor, ']')) return array
  do {
    array.push(parseValue(cursor, depth + 1))
  } while (ends(cursor, ','))
  if (!ends(cursor, ']')) throw new JsonSyntaxError('a comma or closing bracket is missing', cursor.at)
  return array
}

function ends(cursor: Cursor, char: string): boolean {
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== char) return false
  cursor.at++
  return true
}

function parseString(cursor: Cursor): string {
  const { text } = cursor
  const start = cursor.at
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && escaped(text, end)) end = text.indexOf('"', end + 1)
  if (end === -1) throw new JsonSyntaxError('a string has no end', start)
  cursor.at = end + 1
  const inner = text.slice(start + 1, end)
  if (!/[\\\x00-\x1f]/.test(inner)) return inner
  try {
    return JSON.parse(text.slice(start, end + 1)) as string
  } catch {
    throw new JsonSyntaxError('a string holds a control character or a broken escape', start)
  }
}

function escaped(text: string, quote: number): boolean {
  let slashes = 0
  while (text[quote - 1 - slashes] === '\\') slashes++
  return slashes % 2 === 1
}

function parseNumber(cursor: Cursor): JsonNumber {
  number.lastIndex = cursor.at
  const match = number.exec(cursor.text)
  if (match === null) throw new JsonSyntaxError('a value is missing', cursor.at)
  cursor.at = number.lastIndex
  const [digits, fraction, exponent] = match
  if (fraction !== undefined || exponent !== undefined) return { number: pythonFloat(Number(digits)) }
  return { number: digits === '-0' ? '0' : digits }
}

/** `repr` of a Python float: the shortest digits, with an exponent below 1e-4 and from 1e16 on. */
function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  const [mantissa = '0', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, '0')
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${size}`
  }
  const text = Object.is(value, -0) ? '-0' : String(value)
  return text.includes('.') ? text : `${text}.0`
}
