import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import type { ClientMetadata } from 'oidc-provider'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** Every character that a client gets wrong when it encodes Basic credentials (RFC 6749 section 2.3.1). */
const awkwardSecret = 's3cret-with *+%:/?&=~_. and spaces, long enough for HS256'

/** What the confidential clients of a provider know. */
export interface ClientSecrets {
  /** Of `basic`, `post` and `secret-jwt`. */
  readonly clientSecret: string
  /** Of `key-jwt`; ES256. */
  readonly privateKey: JsonWebKey
}

/** A new P-256 key as a JWK for ES256: unlike RSA it costs nothing to make. */
export function signingKey(kid: string): JsonWebKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid }
}

function publicHalf({ d: _, ...jwk }: JsonWebKey): JsonWebKey {
  return jwk
}

/**
 * The clients of every embedded provider:
 * `script` public, device flow · `browser` public, code with PKCE, loopback redirect · `basic`, `post`, `secret-jwt`,
 * `key-jwt` confidential, client credentials and device flow, each with its way to prove itself.
 */
export function clients(): { readonly metadata: readonly ClientMetadata[]; readonly secrets: ClientSecrets } {
  const privateKey = signingKey('client-key')
  const confidential = {
    grant_types: [deviceGrant, 'refresh_token', 'client_credentials'],
    response_types: [],
    redirect_uris: [],
    client_secret: awkwardSecret,
  }
  const publicClient = { token_endpoint_auth_method: 'none', application_type: 'native' } as const
  const metadata: readonly ClientMetadata[] = [
    {
      ...publicClient,
      client_id: 'script',
      grant_types: [deviceGrant, 'refresh_token'],
      response_types: [],
      redirect_uris: [],
    },
    {
      ...publicClient,
      client_id: 'browser',
      grant_types: ['authorization_code', 'refresh_token', deviceGrant],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
    },
    { ...confidential, client_id: 'basic', token_endpoint_auth_method: 'client_secret_basic' },
    { ...confidential, client_id: 'post', token_endpoint_auth_method: 'client_secret_post' },
    {
      ...confidential,
      client_id: 'secret-jwt',
      token_endpoint_auth_method: 'client_secret_jwt',
      token_endpoint_auth_signing_alg: 'HS256',
    },
    {
      client_id: 'key-jwt',
      grant_types: confidential.grant_types,
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [publicHalf(privateKey)] },
    },
  ]
  return { metadata, secrets: { clientSecret: awkwardSecret, privateKey } }
}
