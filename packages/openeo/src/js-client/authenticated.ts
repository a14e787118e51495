import type { Authorization } from '@latchkey/core'
import { AuthProvider, type Connection } from '@openeo/js-client'
import type { Authentication } from '../authentication.ts'
import { authorizeConnection } from './authorize-connection.ts'
import type { Carrier } from './authorized-adapter.ts'
import { internals } from './internals.ts'

/** What each provider of ours was last authenticated with. */
const held = new WeakMap<AuthProvider, Authentication>()

/** Whom the connection's requests are authorized by now; a provider of somebody else's is left to js-client. */
function carrierNow(connection: Connection): Carrier | undefined {
  const provider = connection.getAuthProvider()
  const authentication = provider === null ? undefined : held.get(provider)
  if (provider === null || authentication === undefined) return undefined
  const { authorizer } = authentication
  return { authorizer, sent: (headers) => note(connection, provider, authentication, headers) }
}

/** Keeps what `getToken()` answers, which js-client asks for without waiting, at the token that was sent last. */
function note(
  connection: Connection,
  provider: AuthProvider,
  { format }: Authentication,
  { authorization = '' }: Authorization['headers'],
): void {
  const prefix = `Bearer ${format({ accessToken: '', tokenType: 'Bearer' })}`
  const token = authorization.slice(prefix.length)
  if (token === provider.token || connection.getAuthProvider() !== provider) return
  provider.token = token
  internals(connection).emit('tokenChanged', token)
}

/** From now on the connection is this provider's, and its requests carry these tokens. */
export async function adopt(
  connection: Connection,
  provider: AuthProvider,
  authentication: Authentication,
): Promise<void> {
  const { accessToken } = await authentication.source.getToken()
  authorizeConnection(connection, () => carrierNow(connection))
  held.set(provider, authentication)
  AuthProvider.prototype.setToken.call(provider, accessToken)
}

/** What a provider of ours is authenticated with now. */
export const authenticationOf = (provider: AuthProvider): Authentication | undefined => held.get(provider)

/** Nothing is renewed any more: js-client sends the token that is given here, or none. */
export function forget(connection: Connection, provider: AuthProvider, token: string | null): void {
  held.delete(provider)
  const current = connection.getAuthProvider()
  // js-client's own would end the login of another provider.
  if (token === null && current !== null && current !== provider) Object.assign(provider, { token })
  else AuthProvider.prototype.setToken.call(provider, token)
}
