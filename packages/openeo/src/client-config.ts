import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { AuthError } from '@latchkey/core'
import { type Ini, parsePythonIni } from './python-ini.ts'
import { quoted } from './quoted.ts'

/** Where the file is looked for. */
export interface ClientConfigOptions {
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Default: `HOME` (`USERPROFILE` on Windows), else the home of the account. */
  readonly home?: string | undefined
  /** Default: the working directory. */
  readonly cwd?: string | undefined
}

/** How to authenticate without being told. */
export type AutoAuthenticate = 'basic' | 'oidc' | 'off'

/** What `openeo-client-config.ini` says. */
export interface ClientConfig {
  /** The file it comes from; absent: there is none. */
  readonly path?: string | undefined
  /** For a connection without an address. */
  readonly defaultBackend?: string | undefined
  /** For any back-end; default `off`. */
  readonly autoAuthenticate: AutoAuthenticate
  /** For the default back-end, over the one for any. */
  readonly defaultBackendAutoAuthenticate?: AutoAuthenticate | undefined
  /** Default `auto`: only where a person watches. */
  readonly verbose: 'print' | 'auto' | 'off'
  /** Files that were passed over because they could not be read, and why: a sentence each. */
  readonly skipped: readonly string[]
}

const fileName = 'openeo-client-config.ini'
const largest = 1024 * 1024

/** The places of the Python client, in its order. */
function candidates({ env = process.env, home, cwd = '.' }: ClientConfigOptions): readonly string[] {
  const own = home ?? env[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'] ?? homedir()
  const { OPENEO_CLIENT_CONFIG: named, OPENEO_CONFIG_HOME: whole, XDG_CONFIG_HOME: config } = env
  return [
    ...(named && /\.ini$/i.test(named) ? [named] : []),
    fileName,
    ...(whole ? [join(whole, fileName)] : []),
    ...(config ? [join(config, 'openeo-python-client', fileName)] : []),
    join(own, `.${fileName}`),
  ].map((path) => resolve(cwd, path))
}

/**
 * The general configuration of openEO clients: the first file that can be read, and no other. No secret is in it.
 *
 * @throws `CONFIG_INVALID` for a way to authenticate that there is not
 */
export function clientConfig(options: ClientConfigOptions = {}): ClientConfig {
  const skipped: string[] = []
  for (const path of candidates(options)) {
    try {
      const stat = statSync(path, { throwIfNoEntry: false })
      if (stat === undefined || !stat.isFile()) continue
      if (stat.size > largest) throw new RangeError('It is larger than 1 MiB.')
      return configOf(parsePythonIni(readFileSync(path, 'utf8')), path, skipped)
    } catch (error) {
      if (error instanceof AuthError) throw error
      skipped.push(`Failed to load config from ${path}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { autoAuthenticate: 'off', verbose: 'auto', skipped }
}

/** Names of sections and options in lower case: `connection.default_backend`. */
function flattened(ini: Ini): ReadonlyMap<string, string> {
  const entries = [...ini].flatMap(([section, options]) =>
    [...options].map(([option, value]): [string, string] => [`${section}.${option}`.toLowerCase(), value]),
  )
  return new Map(entries)
}

function configOf(ini: Ini, path: string, skipped: readonly string[]): ClientConfig {
  const options = flattened(ini)
  const automatic = (option: string): AutoAuthenticate | undefined => {
    const value = options.get(option)
    return value === undefined ? undefined : autoAuthenticateOf(value, `${option} in ${path}`)
  }
  const verbose = options.get('general.verbose')?.toLowerCase()
  return {
    path,
    defaultBackend: options.get('connection.default_backend') || undefined,
    autoAuthenticate: automatic('connection.auto_authenticate') ?? 'off',
    defaultBackendAutoAuthenticate: automatic('connection.default_backend.auto_authenticate'),
    verbose: verbose === 'print' || verbose === 'off' ? verbose : 'auto',
    skipped,
  }
}

const words: Readonly<Record<string, AutoAuthenticate>> = {
  basic: 'basic',
  oidc: 'oidc',
  openid: 'oidc',
  off: 'off',
  none: 'off',
  null: 'off',
  false: 'off',
  '': 'off',
}

function autoAuthenticateOf(value: string, where: string): AutoAuthenticate {
  const word = value.toLowerCase()
  const found = Object.hasOwn(words, word) ? words[word] : undefined
  if (found !== undefined) return found
  throw new AuthError('CONFIG_INVALID', `Unknown auth type ${quoted(value)}: ${where}. Use basic, oidc or off.`)
}
