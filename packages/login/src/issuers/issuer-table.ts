import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { AuthError } from '@latchkey/core'
import { issuerFault, type KnownIssuer } from './known-issuer.ts'
import { knownIssuers } from './known-issuers.ts'

/** Where a person's own rows are looked for. */
export interface IssuerTableOptions {
  /** The file; default `latchkey/issuers.json` in the directory for configuration. One that is named must be there. */
  readonly path?: string | undefined
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Default `process.platform`. */
  readonly platform?: NodeJS.Platform | undefined
  /** Default that of the account. */
  readonly home?: string | undefined
}

/** More than anybody writes by hand. */
const longestFile = 1_048_576

/** Where a person's own rows stand: `$XDG_CONFIG_HOME` or `~/.config`, on Windows `%APPDATA%`, and there `latchkey/issuers.json`. */
export function issuersFile({ env = process.env, platform = process.platform, home }: IssuerTableOptions = {}): string {
  const own = home ?? (env[platform === 'win32' ? 'USERPROFILE' : 'HOME'] || homedir())
  const windows = env['APPDATA'] || join(own, 'AppData', 'Roaming')
  const directory = platform === 'win32' ? windows : env['XDG_CONFIG_HOME'] || join(own, '.config')
  return join(directory, 'latchkey', 'issuers.json')
}

/**
 * The known issuers with a person's own: a JSON array of rows like those of `knownIssuers`, each new or in place of the
 * one of its name.
 *
 * @throws `CONFIG_INVALID` for a file that cannot be read or is wrong, with its path and what is wrong
 */
export function issuerTable(options: IssuerTableOptions = {}): readonly KnownIssuer[] {
  const path = options.path === undefined ? issuersFile(options) : resolve(options.path)
  const text = textOf(path, options.path !== undefined)
  if (text === undefined) return knownIssuers
  const own = rowsOf(text, path)
  const names = new Set(own.map(({ name }) => name))
  return [...knownIssuers.filter(({ name }) => !names.has(name)), ...own]
}

function textOf(path: string, required: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!required && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined
    throw fault(path, `cannot be read (${String(code)})`)
  }
}

function rowsOf(text: string, path: string): readonly KnownIssuer[] {
  if (text.length > longestFile) throw fault(path, 'is longer than 1 MiB')
  const rows = parsed(text, path)
  if (!Array.isArray(rows)) throw fault(path, 'is no array of issuers')
  const seen = new Set<unknown>()
  for (const [index, row] of rows.entries()) {
    const { name } = (row ?? {}) as { readonly name?: unknown }
    const why = issuerFault(row) ?? (seen.has(name) ? 'has a name that stood there before' : undefined)
    const called = typeof name === 'string' ? ` (${JSON.stringify(name.slice(0, 40))})` : ''
    if (why !== undefined) throw fault(path, `is wrong: row ${index + 1}${called} ${why}`)
    seen.add(name)
  }
  return rows
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    const place = /line (\d+) column (\d+)/.exec(String(error))
    throw fault(path, place === null ? 'is no JSON' : `is no JSON at line ${place[1]}, column ${place[2]}`)
  }
}

function fault(path: string, why: string): AuthError {
  return new AuthError('CONFIG_INVALID', `${path} ${why}. Mend it or take it away.`)
}
