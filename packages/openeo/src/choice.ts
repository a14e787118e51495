import type { OidcProvider } from './provider.ts'

/** What a caller says about the provider and client they mean; the rest is chosen. */
export interface ChoiceRequest {
  readonly providerId?: string | undefined
  readonly clientId?: string | undefined
  /** Only together with `clientId`. */
  readonly clientSecret?: string | undefined
  /**
   * What the client has to be able to do, for the default clients of the back-end: `login` (default) device code, `refresh`
   * a refresh token, `code` authorization code with PKCE, `machine` client credentials, `password` a user's name and
   * password: for these two no default client is taken, and `machine` alone looks into the environment.
   */
  readonly purpose?: 'login' | 'refresh' | 'code' | 'machine' | 'password' | undefined
}

/** The client that was chosen, and where it came from. Its secret is redacted wherever it is printed. */
export interface ChosenClient {
  readonly clientId: string
  readonly clientSecret?: string | undefined
  readonly from: 'argument' | 'environment' | 'config' | 'default'
  /** Whether a device login sends a proof key (RFC 7636). */
  readonly pkce: boolean
}

/** Which provider and client, and why: one line for each that was looked at, taken or not. */
export interface Choice {
  readonly provider: OidcProvider
  readonly client: ChosenClient
  /** Why this provider and not the others: a sentence each. Text of the back-end in it is escaped. */
  readonly reasons: readonly string[]
}
