/** A client that a back-end offers to everybody for one of its providers (`default_clients` of `/credentials/oidc`). */
export interface DefaultClient {
  readonly id: string
  /** As listed: `refresh_token`, `urn:ietf:params:oauth:grant-type:device_code+pkce`, … */
  readonly grantTypes: readonly string[]
  readonly redirectUrls: readonly string[]
}

/** An OpenID provider as a back-end lists it (`/credentials/oidc`). */
export interface OidcProvider {
  readonly id: string
  /** As listed: with its trailing slash, where it has one. The key of a stored login. */
  readonly issuer: string
  readonly title: string
  readonly scopes: readonly string[]
  readonly defaultClients: readonly DefaultClient[]
  /** Sent along with authorization and device authorization requests (openEO 1.3 `authorization_parameters`). */
  readonly authorizationParameters: Readonly<Record<string, string>>
}
