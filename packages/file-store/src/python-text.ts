import type { JsonValue } from './python-json.ts'

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

const special = /["\\]|[^\x20-\x7e]/g

const escape = (char: string): string => short[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

function quote(text: string): string {
  return `"${text.replace(special, escape)}"`
}

/** The exact text of Python's `json.dump(value, indent=2)`: ASCII only, keys in their order, no newline at the end. */
export function pythonJsonText(value: JsonValue, indent = ''): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quote(value)
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    return block(
      '[',
      ']',
      indent,
      value.map((item) => inner + pythonJsonText(item, inner)),
    )
  }
  if (!(value instanceof Map)) return value.number
  const members = [...value].map(([key, item]) => `${inner}${quote(key)}: ${pythonJsonText(item, inner)}`)
  return block('{', '}', indent, members)
}

function block(open: string, close: string, indent: string, lines: readonly string[]): string {
  return lines.length === 0 ? open + close : `${open}\n${lines.join(',\n')}\n${indent}${close}`
}
