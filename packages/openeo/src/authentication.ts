import type { Authorizer, Client, DevicePrompt, Grant, Session, Token, TokenSource } from '@latchkey/core'
import type { Choice } from './choice.ts'
import type { OidcProvider } from './provider.ts'

/** What a login at a back-end's provider has to ask for. */
export interface LoginRequest {
  readonly provider: OidcProvider
  readonly scope: string
  readonly pkce: boolean
  /** The provider's `authorization_parameters`. */
  readonly parameters: Readonly<Record<string, string>>
}

interface Common {
  readonly signal?: AbortSignal | undefined
}

interface OidcOptions extends Common {
  /** Default: `OPENEO_AUTH_PROVIDER_ID` where that is listed, the only one, the only configured one, the first. */
  readonly providerId?: string | undefined
  /** Default: the configured client, or a default client of the back-end. */
  readonly clientId?: string | undefined
  /** Only together with `clientId`. */
  readonly clientSecret?: string | undefined
  /** One of several accounts; default: the login that other tools share. */
  readonly account?: string | undefined
}

interface PersonOptions extends OidcOptions {
  /** Shows a person where to go; a device login then runs where nothing else helps. Without it and `login`: `LOGIN_REQUIRED`. */
  readonly prompt?: ((prompt: DevicePrompt) => void | Promise<void>) | undefined
  /** Any other way to log a person in, in place of the device flow. */
  readonly login?: ((client: Client, request: LoginRequest) => Grant) | undefined
}

/**
 * How to authenticate. Without `method`, what `authenticate_oidc()` of the Python client does: client credentials where
 * `OPENEO_AUTH_METHOD` says so, else the stored login, else a person.
 */
export type AuthenticateOptions =
  | (PersonOptions & { readonly method?: 'oidc' | undefined })
  /** A person logs in now, whatever is stored. */
  | (PersonOptions & { readonly method: 'device' })
  | (OidcOptions & { readonly method: 'refresh_token'; readonly refreshToken?: string | undefined })
  | (OidcOptions & { readonly method: 'client_credentials' })
  /** A last resort (RFC 9700 section 2.4): the password is seen by this program. */
  | (OidcOptions & { readonly method: 'password'; readonly username: string; readonly password: string })
  /** A token obtained elsewhere, of one of the back-end's providers. */
  | (Common & {
      readonly method: 'access_token'
      readonly accessToken: string
      readonly providerId?: string | undefined
    })
  /** Credentials default to those in `auth-config.json`. */
  | (Common & {
      readonly method: 'basic'
      readonly username?: string | undefined
      readonly password?: string | undefined
    })

/** The names of the methods. */
export type AuthMethod = NonNullable<AuthenticateOptions['method']>

/** Authenticated at a back-end: what its requests carry. */
export interface Authentication {
  /** The method that was used in the end: `refresh_token` for a stored login, `device` or (by a `login` of the caller's) `oidc` for a new one. */
  readonly method: AuthMethod
  /** For `withAuth` of any adapter: sends the back-end's form of the token to the back-end's origin alone. */
  readonly authorizer: Authorizer
  /** The tokens themselves, without the back-end's prefix. */
  readonly source: TokenSource
  /** What follows `Bearer ` for a token: `oidc/PROVIDER/TOKEN`, `basic//TOKEN`, or the bare JWT where the back-end lists that conformance class. */
  readonly format: (token: Token) => string
  /** Whose tokens these are; not for `basic`. */
  readonly provider?: OidcProvider | undefined
  /** Which provider and client, and why; not for `basic` and `access_token`. */
  readonly choice?: Choice | undefined
  /** The stored login, where there is one. */
  readonly session?: Session | undefined
}
