import type { AuthenticateOptions } from '../authentication.ts'
import type { ConnectOptions } from '../backend.ts'

type Places = Omit<ConnectOptions, 'signal'>

/** How to authenticate a connection of js-client, and with what: all that `authenticate` and `connect` of this package take. */
export type WithAuthOptions = AuthenticateOptions & Places

/** What every login at a provider has in common. `prompt` or `login` is there for a person to log in. */
export type ProviderOptions = Omit<
  Extract<AuthenticateOptions, { readonly method: 'device' }>,
  'method' | 'providerId' | 'signal'
> &
  Places
