import { AuthError } from '@latchkey/core'
import { backendUrl } from './address.ts'
import { authenticate } from './authenticate.ts'
import type { Backend, ConnectOptions } from './backend.ts'
import { choose } from './choose.ts'
import { type Connection, groundOf, listedProviders } from './connection.ts'
import { discoverRoot } from './discovery.ts'
import { surroundings } from './surroundings.ts'

/**
 * Connects to an openEO back-end: the version that its `/.well-known/openeo` recommends, or the address itself.
 *
 * Nothing secret is sent. Tokens go to the origin of the back-end's `root` and to no other; that origin is the one given
 * here, or one that its `/.well-known/openeo` names (aggregators do). A redirect of the API itself to another origin is
 * refused, with the address to connect to instead.
 *
 * @param url `https://` may be left out; http on loopback only. Default: `default_backend` of `openeo-client-config.ini`
 * @throws `CONFIG_INVALID` for what is no such address, `RESPONSE_INVALID` for what is no back-end, `UNSUPPORTED` for an API before 1.0.0, `SERVER_ERROR`, `NETWORK`, `TIMEOUT`, `TLS`, `ABORTED`
 */
export async function connect(url?: string, options: ConnectOptions = {}): Promise<Backend> {
  const around = surroundings(options)
  const given = backendUrl(url ?? (await defaultBackend(around.env)))
  const root = await discoverRoot(around.access, given, options.signal)
  return backendOf({ ...root, url: given, ...around })
}

async function defaultBackend(env: Connection['env']): Promise<string> {
  const { clientConfig } = await import('./client-config.ts')
  const { defaultBackend } = clientConfig({ env })
  if (defaultBackend !== undefined) return defaultBackend
  const text = 'No openEO back-end URL given or known to connect to.'
  throw new AuthError('CONFIG_INVALID', `${text} Give one, or set default_backend in openeo-client-config.ini.`)
}

function backendOf(connection: Connection): Backend {
  const { url, root, apiVersion, capabilities } = connection
  return Object.freeze({
    url,
    root,
    apiVersion,
    capabilities,
    providers: async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}) =>
      (await listedProviders(connection, signal)).providers,
    choose: async ({ signal, ...request } = {}) => choose(await groundOf(connection, request, signal), request),
    authenticate: (options = {}) => authenticate(connection, options),
  } satisfies Backend)
}
