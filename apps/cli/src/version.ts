import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The version of this package. Sources and bundle stand one directory below its package.json. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'))
  return String((manifest as { version?: unknown }).version)
}
