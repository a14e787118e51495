import type { Clock, Fetch, TokenStore } from '@latchkey/core'
import type { AuthConfig } from '@latchkey/file-store'
import type { AuthenticateOptions, Authentication } from './authentication.ts'
import type { Choice, ChoiceRequest } from './choice.ts'
import type { KnownBackends } from './known-backends.ts'
import type { OidcProvider } from './provider.ts'

/** What a back-end is connected to with. */
export interface ConnectOptions {
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Default: the platform's. */
  readonly fetch?: Fetch | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
  /** Where logins are kept; default `fileStore({ env })`, which the openEO Python client shares. */
  readonly store?: TokenStore | undefined
  /** Configured users and clients; default `authConfig({ env })`. */
  readonly config?: AuthConfig | undefined
  /** Where it is noted which login belongs to which back-end; default `knownBackends({ env })`, none where a `store` was given. */
  readonly known?: KnownBackends | undefined
  readonly signal?: AbortSignal | undefined
}

/** An openEO back-end, asked about itself. */
export interface Backend {
  /** As given, with `https://` where no scheme was, without trailing slashes: its key in `auth-config.json`. */
  readonly url: string
  /** Where requests go: the address of the version that was chosen. Without trailing slash. Tokens go to its origin alone. */
  readonly root: string
  readonly apiVersion: string
  /** What `GET /` answered. */
  readonly capabilities: Readonly<Record<string, unknown>>
  /** The OpenID providers it lists, in its order; none where it has no `/credentials/oidc`. */
  providers(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly OidcProvider[]>
  /** Which provider and client `authenticate` would take, and why. Logs nobody in. */
  choose(request?: ChoiceRequest & { readonly signal?: AbortSignal | undefined }): Promise<Choice>
  /** Proves who asks, and gives what requests carry from then on. */
  authenticate(options?: AuthenticateOptions): Promise<Authentication>
}
