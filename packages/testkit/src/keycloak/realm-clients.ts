import type { JsonWebKey } from 'node:crypto'
import { signingKey } from '../provider/clients.ts'

/** A client as Keycloak's admin API has it; what is absent has Keycloak's own default. */
export interface ClientRepresentation {
  readonly clientId: string
  readonly enabled?: boolean
  readonly publicClient?: boolean
  readonly secret?: string
  readonly clientAuthenticatorType?: 'client-secret' | 'client-secret-jwt' | 'client-jwt'
  readonly standardFlowEnabled?: boolean
  readonly directAccessGrantsEnabled?: boolean
  readonly serviceAccountsEnabled?: boolean
  readonly consentRequired?: boolean
  readonly fullScopeAllowed?: boolean
  readonly redirectUris?: readonly string[]
  /** All values are texts, also numbers and booleans. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly protocolMappers?: readonly ProtocolMapper[]
}

/** What puts something into tokens. */
export interface ProtocolMapper {
  readonly name: string
  readonly protocol: 'openid-connect'
  readonly protocolMapper: string
  readonly config: Readonly<Record<string, string>>
}

/** What the confidential clients know; made anew with each realm. */
export interface RealmSecrets {
  /** Of `secret`, `secret-jwt` and `exchange`: every character that clients encode wrongly in HTTP Basic. */
  readonly clientSecret: string
  /** Of `key-jwt`; ES256. */
  readonly privateKey: JsonWebKey
}

/** The secrets of a new realm. */
export function realmSecrets(): RealmSecrets {
  return {
    clientSecret: 's3cret-with *+%:/?&=~_. and spaces, long enough for HS256',
    privateKey: signingKey('client-key'),
  }
}

const device = { 'oauth2.device.authorization.grant.enabled': 'true' }
// Where a logout comes back to: any redirect URI.
const logout = { 'post.logout.redirect.uris': '+' }
const pkce = { 'pkce.code.challenge.method': 'S256' }
// Keycloak takes any port of a loopback address that is registered without one (RFC 8252 section 7.3).
const loopback = { redirectUris: ['http://127.0.0.1/callback'] }

const audience = (clientId: string): ProtocolMapper => ({
  name: `audience ${clientId}`,
  protocol: 'openid-connect',
  protocolMapper: 'oidc-audience-mapper',
  config: { 'included.client.audience': clientId, 'access.token.claim': 'true', 'introspection.token.claim': 'true' },
})

const personal = (clientId: string, attributes: Readonly<Record<string, string>> = {}): ClientRepresentation => ({
  clientId,
  publicClient: true,
  standardFlowEnabled: true,
  directAccessGrantsEnabled: true,
  ...loopback,
  attributes: { ...device, ...logout, ...attributes },
})

const confidential = (
  clientId: string,
  type: NonNullable<ClientRepresentation['clientAuthenticatorType']>,
  attributes: Readonly<Record<string, string>> = {},
): ClientRepresentation => ({
  clientId,
  publicClient: false,
  clientAuthenticatorType: type,
  standardFlowEnabled: true,
  directAccessGrantsEnabled: true,
  serviceAccountsEnabled: true,
  ...loopback,
  attributes: { ...device, ...logout, ...attributes },
})

/**
 * The clients of the realm.
 *
 * Public, with device flow, code flow and password: `script` · `script-pkce` and `browser` must send a proof key ·
 * `browser-par` must push its request · `dpop` gets bound tokens only · `consenting` asks the person first.
 * Confidential: `secret`, which may also ask on a person's phone (CIBA) · `secret-jwt` · `key-jwt` · `exchange` exchanges tokens for the audience `api`, which is a
 * client that only receives them. `script` puts `exchange` and `secret` into the audience of its tokens.
 */
export function realmClients({ clientSecret, privateKey }: RealmSecrets): readonly ClientRepresentation[] {
  const { d: _, ...publicKey } = privateKey
  return [
    { ...personal('script'), protocolMappers: [audience('exchange'), audience('secret')] },
    personal('script-pkce', pkce),
    personal('browser', pkce),
    personal('browser-par', { ...pkce, 'require.pushed.authorization.requests': 'true' }),
    personal('dpop', { 'dpop.bound.access.tokens': 'true' }),
    { ...personal('consenting'), consentRequired: true },
    { ...confidential('secret', 'client-secret', { 'oidc.ciba.grant.enabled': 'true' }), secret: clientSecret },
    { ...confidential('secret-jwt', 'client-secret-jwt'), secret: clientSecret },
    confidential('key-jwt', 'client-jwt', {
      'use.jwks.string': 'true',
      'jwks.string': JSON.stringify({ keys: [publicKey] }),
      'token.endpoint.auth.signing.alg': 'ES256',
    }),
    {
      ...confidential('exchange', 'client-secret', {
        'standard.token.exchange.enabled': 'true',
        'standard.token.exchange.enableRefreshRequestedTokenType': 'SAME_SESSION',
      }),
      secret: clientSecret,
      protocolMappers: [audience('api')],
    },
    { clientId: 'api', publicClient: false, secret: clientSecret, standardFlowEnabled: false },
  ]
}
