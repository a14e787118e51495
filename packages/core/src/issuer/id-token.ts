import type { IDToken, TokenEndpointResponse } from 'oauth4webapi'
import { type Client, stateOf } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import { base64url } from '../token/base64url.ts'
import { clockAdvice, issuerNow } from './issuer-clock.ts'

/** What an ID token must agree with. */
export interface IdTokenExpectations {
  /** `sub` of the login so far (OpenID Connect Core section 12.2). */
  readonly subject?: string | undefined
  /** The nonce of the login's request: an ID token must repeat it (section 3.1.3.7 item 11). */
  readonly nonce?: string | undefined
  /** Seconds since the person may last have authenticated: `auth_time` must be there and say so (item 13). */
  readonly maxAge?: number | undefined
}

/** As many milliseconds late may `auth_time` be: what oauth4webapi allows for `exp`. */
const toleranceMs = 30_000

/** The furthest in the future that an ID token may have been made: no two clocks are equal. */
const furthestMs = 600_000

/**
 * The checks of OpenID Connect Core section 3.1.3.7 that oauth4webapi leaves to its caller: a single audience with a
 * foreign `azp`, an empty `sub`, an access token that is not the one the ID token was made with (`at_hash`), another person, an `iat`
 * more than ten minutes ahead; for a login also another `nonce`, and an authentication too long ago (`auth_time`).
 *
 * @throws `RESPONSE_INVALID`
 */
export async function checkIdToken(
  claims: IDToken,
  answer: TokenEndpointResponse,
  client: Client,
  expected: IdTokenExpectations,
): Promise<void> {
  const refuse = (why: string, advice = ''): never => {
    throw new AuthError('RESPONSE_INVALID', `The ID token from ${client.issuer} ${why}; it was not accepted.${advice}`)
  }
  if (claims.azp !== undefined && claims.azp !== client.clientId) refuse('is for another client (azp)')
  if (claims.sub === '') refuse('names nobody (sub)')
  if (expected.subject !== undefined && claims.sub !== expected.subject)
    refuse('names another person than the login (sub)')
  if (expected.nonce !== undefined && claims.nonce !== expected.nonce) refuse('was made for another login (nonce)')
  const { clock } = stateOf(client).access
  const metadata = await client.metadata()
  const earliest = Math.min(clock.now(), issuerNow(metadata, clock)) - (expected.maxAge ?? 0) * 1000 - toleranceMs
  if (expected.maxAge !== undefined && !((claims.auth_time ?? Number.NaN) * 1000 >= earliest)) {
    refuse('does not say that the person has authenticated lately (auth_time)')
  }
  const latest = Math.max(clock.now(), issuerNow(metadata, clock)) + furthestMs
  if (claims.iat * 1000 > latest) refuse('was made in the future (iat)', ` ${clockAdvice(metadata)}`)
  const hash = claims['at_hash']
  if (hash !== undefined && hash !== (await halfHash(answer.access_token, algorithmOf(answer)))) {
    refuse('belongs to another access token (at_hash)')
  }
}

/** The algorithm that the ID token of a verified answer is signed with. */
export function algorithmOf({ id_token: idToken = '' }: TokenEndpointResponse): string {
  return jwtAlgorithm(idToken)
}

/** The algorithm that a JWT names; it has been read before. */
export function jwtAlgorithm(jwt: string): string {
  const [header = ''] = jwt.split('.')
  const { alg } = JSON.parse(atob(header.replaceAll('-', '+').replaceAll('_', '/'))) as { alg: string }
  return alg
}

/** The left half of the token's hash, base64url; the hash is the one of the ID token's algorithm (section 3.1.3.6). */
async function halfHash(token: string, algorithm: string): Promise<string> {
  const size = /(256|384|512)$/.exec(algorithm)?.[1] ?? '512'
  const digest = new Uint8Array(await crypto.subtle.digest(`SHA-${size}`, new TextEncoder().encode(token)))
  return base64url(digest.subarray(0, digest.length / 2))
}
