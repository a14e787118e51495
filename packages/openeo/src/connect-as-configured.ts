import type { AuthenticateOptions, Authentication } from './authentication.ts'
import type { Backend, ConnectOptions } from './backend.ts'
import { type AutoAuthenticate, type ClientConfig, clientConfig } from './client-config.ts'
import { connect } from './connect.ts'

/** Whom to ask where the configuration says `oidc` and no login is stored. */
type Person = Pick<Extract<AuthenticateOptions, { readonly method: 'device' }>, 'prompt' | 'login'>

/** A back-end, and what the configuration made of it. */
export interface ConfiguredConnection {
  readonly backend: Backend
  /** Absent where the configuration says `off`. */
  readonly authentication?: Authentication | undefined
  readonly config: ClientConfig
}

/**
 * Connects and authenticates as `openeo-client-config.ini` says: `auto_authenticate` for any back-end; without an address
 * `default_backend`, and its own `default_backend.auto_authenticate` first.
 *
 * @throws what `clientConfig`, `connect` and `authenticate` throw
 */
export async function connectAsConfigured(
  url?: string,
  { prompt, login, ...options }: ConnectOptions & Person = {},
): Promise<ConfiguredConnection> {
  const config = clientConfig({ env: options.env })
  const backend = await connect(url ?? config.defaultBackend, options)
  const method = methodFor(config, url)
  if (method === 'off') return { backend, config }
  const { signal } = options
  const authentication = await backend.authenticate(
    method === 'basic' ? { method, signal } : { method, prompt, login, signal },
  )
  return { backend, authentication, config }
}

const methodFor = (config: ClientConfig, url: string | undefined): AutoAuthenticate =>
  (url === undefined ? config.defaultBackendAutoAuthenticate : undefined) ?? config.autoAuthenticate
