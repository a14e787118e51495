import {
  type Client,
  cached,
  clientCredentials,
  client as clientOf,
  type Grant,
  password,
  session,
} from '@latchkey/core'
import type { Proven } from './authenticate.ts'
import type { AuthenticateOptions } from './authentication.ts'
import { choose } from './choose.ts'
import { type Connection, groundOf } from './connection.ts'
import { clientOptions } from './person-login.ts'
import type { OidcProvider } from './provider.ts'
import { scopeFor } from './scopes.ts'

/** A grant whose scope is what the issuer supports of the provider's, asked for when it runs. */
function scoped(client: Client, provider: OidcProvider, grant: (scope: string) => Grant): Grant {
  return async (how) => grant(await scopeFor(client, provider, { refresh: false, signal: how?.signal }))(how)
}

/**
 * A client for itself. Its tokens live in this process, which then needs no writable home; where the caller gave a store,
 * they are shared through it, apart from any person's. No refresh token is kept anywhere.
 */
export async function machineLogin(
  connection: Connection,
  options: Extract<AuthenticateOptions, { readonly method: 'client_credentials' }>,
): Promise<Proven> {
  const choice = choose(await groundOf(connection, options, options.signal), { ...options, purpose: 'machine' })
  const { provider } = choice
  const made = clientOptions(connection, choice)
  const renew = (client: Client): Grant => scoped(client, provider, (scope) => clientCredentials(client, { scope }))
  const { store, ownStore, access } = connection
  const source = ownStore
    ? session({ ...made, store, account: options.account, renew })
    : cached(renew(clientOf(made)), { clock: access.clock })
  return { method: 'client_credentials', source, provider, choice }
}

/** A person's name and password, at each renewal again, as the Python client does: nothing of it is stored. */
export async function passwordLogin(
  connection: Connection,
  options: Extract<AuthenticateOptions, { readonly method: 'password' }>,
): Promise<Proven> {
  const choice = choose(await groundOf(connection, options, options.signal), { ...options, purpose: 'password' })
  const { provider } = choice
  const client = clientOf(clientOptions(connection, choice))
  const { username } = options
  const grant = scoped(client, provider, (scope) => password(client, { username, password: options.password, scope }))
  return { method: 'password', source: cached(grant, { clock: connection.access.clock }), provider, choice }
}
