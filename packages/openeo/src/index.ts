export type { AuthenticateOptions, Authentication, AuthMethod, LoginRequest } from './authentication.ts'
export type { Backend, ConnectOptions } from './backend.ts'
export type { Choice, ChoiceRequest, ChosenClient } from './choice.ts'
export { type AutoAuthenticate, type ClientConfig, type ClientConfigOptions, clientConfig } from './client-config.ts'
export { connect } from './connect.ts'
export { type ConfiguredConnection, connectAsConfigured } from './connect-as-configured.ts'
export {
  type KnownBackend,
  type KnownBackends,
  type KnownBackendsOptions,
  knownBackends,
  type StoredBackend,
  type StoredBackendOptions,
  storedBackend,
} from './known-backends.ts'
export type { DefaultClient, OidcProvider } from './provider.ts'
