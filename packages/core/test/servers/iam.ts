import { type Client, type ClientOptions, client } from '@latchkey/core'
import { type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'

const keys = await generateKeyPair('RS256')

/** INDIGO IAM 1.12.0 as it was asked over HTTP; the numbers of tests are the rows of what was found. */
export interface Iam extends ScriptedIssuer {
  client(options?: Partial<ClientOptions>): Client
  /** An ID token as IAM makes it: `iss` with its slash, no `at_hash`, a claim `kid` that nobody asked for. */
  idToken(claims?: Readonly<Record<string, unknown>>): Promise<string>
  /** An access token in the default profile: no `aud`, no `scope`, no `typ`, and `iss` as it was configured. */
  accessToken(): Promise<string>
  /** The forms that the token endpoint got. */
  forms(): readonly Readonly<Record<string, string>>[]
}

/** A refresh token: a JWT that nobody signed. */
export const refreshToken = (exp?: number): string =>
  new UnsecuredJWT({ jti: 'ba4466d1-8ce4-4483-8801-b21b49c06394', ...(exp !== undefined && { exp }) }).encode()

/** How IAM refuses: the same words in the body and in a challenge. */
export function refusal(status: number, error: string, description: string): Reply {
  const challenge = `Bearer error="${error}", error_description="${description}"`
  return {
    status,
    headers: status === 401 ? { 'www-authenticate': challenge } : {},
    body: { error, error_description: description },
  }
}

/** What IAM says of a dead refresh token, with the whole token in it. */
export const deadToken = (token: string): Reply =>
  refusal(401, 'invalid_token', `Refresh token for value ${token} was not found`)

export async function iam(): Promise<Iam> {
  // Neither `alg` nor `use`.
  const { kty, e, n } = await exportJWK(keys.publicKey)
  const server = await scriptedIssuer(
    [{ request: 'GET /jwk', times: Number.POSITIVE_INFINITY, reply: { body: { keys: [{ kty, e, kid: 'rsa1', n }] } } }],
    {
      metadata: (at) => ({
        issuer: `${at}/`,
        jwks_uri: `${at}/jwk`,
        device_authorization_endpoint: `${at}/devicecode`,
        registration_endpoint: `${at}/iam/api/client-registration`,
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
        code_challenge_methods_supported: ['plain', 'S256'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      }),
    },
  )
  const signed = (claims: Readonly<Record<string, unknown>>): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    const all = { sub: '80e5fb8d', iat: now, exp: now + 600, jti: crypto.randomUUID(), ...claims }
    return new SignJWT(all).setProtectedHeader({ kid: 'rsa1', alg: 'RS256' }).sign(keys.privateKey)
  }
  return Object.assign(Object.create(server) as ScriptedIssuer, {
    client: (options: Partial<ClientOptions> = {}) => client({ issuer: server.issuer, clientId: 'c', ...options }),
    idToken: (claims?: object) => signed({ aud: 'c', iss: `${server.issuer}/`, kid: 'rsa1', ...claims }),
    accessToken: () => signed({ iss: server.issuer, client_id: 'c' }),
    forms: () => server.received('/token').map(({ form }) => form),
  })
}
