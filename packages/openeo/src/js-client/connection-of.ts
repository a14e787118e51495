import { AuthError } from '@latchkey/core'
import { Connection as JsConnection } from '@openeo/js-client'
import { backendUrl, mayLead } from '../address.ts'
import type { ConnectOptions } from '../backend.ts'
import type { Connection } from '../connection.ts'
import { surroundings } from '../surroundings.ts'

/**
 * A connection of js-client as this package has it: the address as the person gave it, which is the key of configured
 * clients, and the version that js-client chose. Nothing is asked anew.
 *
 * @throws `CONFIG_INVALID` for what is no connection, and for an address that tokens are not sent to: http, but on loopback,
 *   and there only where the person gave http
 */
export function connectionOf(connection: JsConnection, options: ConnectOptions): Connection {
  // js-client takes a provider for none where it is not an instance of its own class, and then sends without a token.
  if (!(connection instanceof JsConnection)) {
    const text = 'This is no connection of the @openeo/js-client that @latchkey/openeo uses. Await OpenEO.connect(…)'
    throw new AuthError('CONFIG_INVALID', `${text}; if you did, there are two copies: npm ls @openeo/js-client.`)
  }
  const url = backendUrl(connection.getUrl())
  const root = backendUrl(connection.getBaseUrl())
  if (!mayLead(new URL(url), new URL(root))) {
    const text = `${url} says that its API is at ${root}: tokens do not go from https to http.`
    throw new AuthError('CONFIG_INVALID', `${text} If that is what you mean, connect to it by that address.`)
  }
  const capabilities = connection.capabilities()
  return {
    url,
    root,
    apiVersion: capabilities.apiVersion(),
    capabilities: capabilities.toJSON(),
    ...surroundings(options),
  }
}
