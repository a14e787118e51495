import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A home of a test's own, with the two directories of the openEO client. */
export interface Home {
  readonly env: Readonly<Record<string, string>>
  readonly config: string
  readonly tokens: string
  readonly path: string
}

/** @param finished of the test's own context, where tests run side by side */
export function home(finished: typeof onTestFinished = onTestFinished): Home {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'latchkey-cli-')))
  finished(() => rmSync(path, { recursive: true, force: true }))
  const config = join(path, '.config', 'openeo-python-client')
  const data = join(path, '.local', 'share', 'openeo-python-client')
  mkdirSync(config, { recursive: true })
  mkdirSync(data, { recursive: true })
  return {
    env: { HOME: path },
    config: join(config, 'auth-config.json'),
    tokens: join(data, 'refresh-tokens.json'),
    path,
  }
}

/** Writes a file as the openEO client leaves it. */
export function privateFile(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 })
}

/** `refresh-tokens.json` with one entry, in the bytes of the openEO client. */
export function pythonTokens(issuer: string, clientId: string, refreshToken: string): string {
  const entry = { date: '2026-01-02T03:04:05Z', refresh_token: refreshToken }
  return JSON.stringify({ [issuer]: { [clientId]: entry } }, null, 2)
}
