import type { Client } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import type { TokenSet } from '../grants/grant.ts'
import { redacting } from '../token/redacting.ts'
import { freezeToken } from '../token/token.ts'
import { jsonObject, textOf } from './json.ts'
import { repaired, tokenRepairs } from './repairs.ts'
import { type Verification, verifiedAnswer } from './verified-answer.ts'

/** What a token answer must agree with. */
export interface AnswerExpectations extends Verification {
  /** Epoch milliseconds of receipt: expiry counts from here. */
  readonly receivedAt: number
  /** What was asked for: granted where the answer names no scope (RFC 6749 section 5.1). */
  readonly scope?: string | undefined
  /** Refused without an ID token where `openid` was granted (OpenID Connect Core section 3.1.3.3); default false. */
  readonly idToken?: boolean | undefined
  /** Whether its tokens must be bound to a key (RFC 9449 section 5); default false. */
  readonly dpop?: boolean | undefined
}

/** The refresh token in a raw answer, found even where the rest of it is worth nothing. */
export function refreshTokenIn(text: string): string | undefined {
  return textOf(jsonObject(text), 'refresh_token')
}

/**
 * A raw 2xx answer of a token endpoint as a {@link TokenSet}, with every check of RFC 6749 section 5.1 and OpenID
 * Connect Core section 3.1.3.7.
 *
 * @throws `RESPONSE_INVALID`; `UNSUPPORTED` for an ID token signed with a shared secret, and for what is no access token; while keys are fetched also `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `ABORTED`
 */
export async function tokenSetOf(
  client: Client,
  text: string,
  expected: AnswerExpectations,
  signal?: AbortSignal,
): Promise<TokenSet> {
  const members = jsonObject(text)
  if (members === undefined) throw invalid(client, /^\s*</.test(text) ? 'is a web page' : 'is no JSON object')
  if (members['access_token'] === undefined) throw invalid(client, 'brings no access token')
  if (/^n_a$/i.test(textOf(members, 'token_type') ?? '')) {
    const text = `${client.issuer} gives a token that no API takes as an access token (N_A, RFC 8693 section 2.2.1). Ask for another kind.`
    throw new AuthError('UNSUPPORTED', text)
  }
  const { answer, claims } = await verifiedAnswer(client, repaired(members, tokenRepairs), expected, signal)
  const bound = answer.token_type === 'dpop'
  if (bound && expected.dpop !== true) throw invalid(client, 'gives a DPoP token where none was asked for')
  if (!bound && expected.dpop === true) throw invalid(client, 'gives a token that is not bound to the key (RFC 9449)')
  const scope = answer.scope ?? expected.scope
  if (claims === undefined && expected.idToken === true && scope?.split(' ').includes('openid')) {
    throw invalid(client, 'brings no ID token, though openid was granted')
  }
  const expiresAt = answer.expires_in === undefined ? {} : { expiresAt: expected.receivedAt + answer.expires_in * 1000 }
  const granted = scope === undefined ? {} : { scope }
  return redactedSet({
    token: freezeToken({ accessToken: answer.access_token, tokenType: answer.token_type, ...expiresAt, ...granted }),
    ...(answer.refresh_token !== undefined && { refreshToken: answer.refresh_token }),
    ...granted,
    ...(claims !== undefined && { idTokenClaims: Object.freeze({ ...claims }) }),
    ...(answer.id_token !== undefined && { idToken: answer.id_token }),
  })
}

/** What a grant gives: the token in it is redacted by itself. */
export const redactedSet: (set: TokenSet) => TokenSet = redacting('refreshToken', 'idToken')

function invalid(client: Client, why: string): AuthError {
  const text = `The token answer of ${client.issuer} ${why}. Check the network and the issuer's address.`
  return new AuthError('RESPONSE_INVALID', text)
}
