import type { AuthProvider, Connection } from '@openeo/js-client'
import { parseProviders } from '../providers.ts'
import { authProvider } from './auth-provider.ts'
import type { ProviderOptions } from './options.ts'

/**
 * For `connection.setOidcProviderFactory`: makes `connection.listAuthProviders()` give providers that work in Node.
 *
 * - `login()` logs a person in now, by device flow or the `login` given; it takes further options of `authenticate`:
 *   `login({ method: 'client_credentials', clientId, clientSecret })`.
 * - `resume()` takes the stored login, which the openEO Python client shares; false where there is none, and nobody is asked.
 * - `logout()` ends the login at the issuer and removes it from the store, for all who share it.
 *
 * Once logged in or resumed, a connection is as {@link withAuth} leaves it. Nothing of it is touched before.
 *
 * @returns a function that gives `null`, which js-client passes over, for a provider that cannot be used
 */
export function oidcProviderFactory(
  connection: Connection,
  options: ProviderOptions = {},
): (providerInfo: unknown) => AuthProvider | null {
  return (providerInfo) => {
    const [provider] = parseProviders({ providers: [providerInfo] }).providers
    if (provider === undefined) return null
    const { id, title } = provider
    const { description } = providerInfo as { readonly description?: unknown }
    const meta = { type: 'oidc', id, title, description: typeof description === 'string' ? description : '' } as const
    return authProvider(connection, meta, { ...options, providerId: id })
  }
}
