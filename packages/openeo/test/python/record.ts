// Asks the real client, and prints what it chooses, a line each:
// node packages/openeo/test/python/record.ts > packages/openeo/test/python/golden/choices.json
import { writeSync } from 'node:fs'
import { pythonChoices } from './python-choices.ts'

type Entries = Readonly<Record<string, unknown>>

const nested = (value: unknown, depth: number): string => {
  if (depth === 0) return JSON.stringify(value)
  const rows = Object.entries(value as Entries).map(
    ([name, inner]) => `${JSON.stringify(name)}: ${nested(inner, depth - 1)}`,
  )
  return `{\n${rows.join(',\n')}\n}`
}

writeSync(1, `${nested(pythonChoices(), 3)}\n`)
