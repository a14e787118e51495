import { AuthError } from '../errors.ts'
import { redacting } from './redacting.ts'

/** An access token. Frozen, compared by `accessToken`, and redacted wherever it is printed. */
export interface Token {
  readonly accessToken: string
  /** The scheme of the `Authorization` header: `Bearer` (RFC 6750), `DPoP` (RFC 9449); normalised in case. */
  readonly tokenType: string
  /** Epoch milliseconds. Absent: the issuer did not say; good until it is refused. */
  readonly expiresAt?: number
  /** Granted scope, space separated (RFC 6749 section 3.3), where the issuer said it. */
  readonly scope?: string
}

const schemes: Readonly<Record<string, string>> = { bearer: 'Bearer', dpop: 'DPoP' }

// RFC 6749 appendix A.12: VSCHAR. What is outside cannot stand in a header.
const headerSafe = /^[\x21-\x7e]+$/

// The ID token is there in a token as a store keeps it.
const redacted = redacting('accessToken', 'idToken')

/**
 * A frozen, redacted copy of a token.
 *
 * @throws `RESPONSE_INVALID` when the access token holds characters that no header can carry (RFC 6749 appendix A.12).
 */
export function freezeToken<T extends Token>(token: T): T {
  if (!headerSafe.test(token.accessToken)) {
    throw new AuthError('RESPONSE_INVALID', 'The access token is empty or holds characters that no header can carry.')
  }
  const tokenType = schemes[token.tokenType.toLowerCase()] ?? token.tokenType
  return redacted({ ...token, tokenType })
}
