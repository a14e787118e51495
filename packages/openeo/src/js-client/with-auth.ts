import type { Connection } from '@openeo/js-client'
import { authenticate } from '../authenticate.ts'
import type { Authentication } from '../authentication.ts'
import { authProvider, type ProviderMeta } from './auth-provider.ts'
import { adopt, authenticationOf, forget } from './authenticated.ts'
import { releaseConnection } from './authorize-connection.ts'
import { connectionOf } from './connection-of.ts'
import type { WithAuthOptions } from './options.ts'

const basic: ProviderMeta = { type: 'basic', id: null, title: 'HTTP Basic', description: '' }

/**
 * Authenticates a connection of `@openeo/js-client` in Node: with the stored login, which the openEO Python client
 * shares, or by a person who is shown what to do, or by any other method of this package. From then on each of its
 * requests carries a token that is good now; one that the back-end refuses with `TokenInvalid` is renewed and the request
 * sent again, once. Any number of requests at a time cause one renewal.
 *
 * - Tokens go to the origin of the back-end and to no other, also where js-client would send them: pages, logs and
 *   queryables behind absolute links, and redirects.
 * - `connection.getAuthProvider()` is ours then: its `logout()` ends the login, and `getToken()` has the token that was
 *   sent last; `tokenChanged` tells of each new one.
 * - An upload is a stream, which can be sent once: its refusal is the caller's, and the next request is right.
 * - What is touched is the property `_send` of this one connection; {@link withoutAuth} takes it off.
 * - A request that cannot get a token fails with an `AuthError`, which says what to do.
 *
 * @returns how it was proven, and which provider and client were chosen and why
 * @throws what `authenticate` throws; then the connection is as it was
 */
export async function withAuth(connection: Connection, options: WithAuthOptions = {}): Promise<Authentication> {
  const authentication = await authenticate(connectionOf(connection, options), options)
  const { provider } = authentication
  const meta: ProviderMeta =
    provider === undefined ? basic : { type: 'oidc', id: provider.id, title: provider.title, description: '' }
  const again = provider === undefined ? options : { ...options, providerId: provider.id }
  await adopt(connection, authProvider(connection, meta, again), authentication)
  return authentication
}

/**
 * Takes off what {@link withAuth}, or a login at a provider of `oidcProviderFactory`, put on a connection, which then is as
 * it was, and not authenticated. The login stays where it is stored.
 *
 * @returns the same connection
 */
export function withoutAuth(connection: Connection): Connection {
  const provider = connection.getAuthProvider()
  if (provider !== null && authenticationOf(provider) !== undefined) forget(connection, provider, null)
  releaseConnection(connection)
  return connection
}
