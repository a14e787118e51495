import type { IssuerMetadata } from '../client/discovery.ts'
import { AuthError, type AuthErrorCode } from '../errors.ts'
import { type Meanings, meaningOf } from '../issuer/issuer-error.ts'
import { showable } from '../issuer/redact.ts'

/** What an answer must agree with to be the answer to one request. */
export interface AuthorizationExpectations {
  readonly metadata: IssuerMetadata
  readonly state: string
}

/**
 * The parameters in what came back: as they are, from a whole address (its query, or its fragment where the query has
 * none), or from a query string alone.
 */
export function answerIn(answer: URLSearchParams | string): URLSearchParams {
  if (typeof answer !== 'string') return answer
  const text = answer.trim()
  if (!URL.canParse(text)) return new URLSearchParams(text.replace(/^[?#]/, ''))
  const { searchParams, hash } = new URL(text)
  return searchParams.has('state') ? searchParams : new URLSearchParams(hash.slice(1))
}

/**
 * Why parameters are not the answer to this request; `undefined` where they are. The state is looked at first (RFC 6749
 * section 10.12), then the issuer (RFC 9207 section 2.4), and only then what the answer says.
 */
export function mismatch(answer: URLSearchParams, expected: AuthorizationExpectations): string | undefined {
  const { metadata, state } = expected
  const states = answer.getAll('state')
  if (states.length !== 1 || states[0] !== state) return 'belongs to another login (state)'
  const issuers = answer.getAll('iss')
  if (issuers.length === 0 && metadata['authorization_response_iss_parameter_supported'] === true) {
    return 'does not say which issuer it is from (iss)'
  }
  if (issuers.length > 1 || issuers.some((issuer) => issuer !== metadata.issuer)) return 'is from another issuer (iss)'
  if (answer.getAll('error').length > 1) return 'has more than one error'
  if (answer.has('error')) return undefined
  const [code = '', ...others] = answer.getAll('code')
  return code === '' || others.length > 0 ? 'has no code, or more than one' : undefined
}

// Of an authorization endpoint (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6, RFC 9101 section 7).
const meanings: Meanings = {
  // LinkedIn's two words for a person who turned back; Facebook's for one who said no.
  user_cancelled_login: 'LOGIN_DENIED',
  user_cancelled_authorize: 'LOGIN_DENIED',
  user_denied: 'LOGIN_DENIED',
  invalid_request: 'CONFIG_INVALID',
  unsupported_response_type: 'CONFIG_INVALID',
  unsupported_response_mode: 'CONFIG_INVALID',
  invalid_request_uri: 'CONFIG_INVALID',
  invalid_request_object: 'CONFIG_INVALID',
  request_not_supported: 'CONFIG_INVALID',
  // OpenID Connect Core Unmet Authentication Requirements 1.0: what a step-up asked for, the issuer cannot do.
  unmet_authentication_requirements: 'UNSUPPORTED',
}

/**
 * The code in an answer (RFC 6749 section 4.1.2).
 *
 * @param secrets what was sent and must not be shown if it comes back
 * @throws `RESPONSE_INVALID` for what is not the answer to this request; the issuer's refusal by its word
 */
export function codeIn(
  answer: URLSearchParams,
  expected: AuthorizationExpectations,
  secrets: readonly string[],
): string {
  const { issuer } = expected.metadata
  const why = mismatch(answer, expected)
  if (why !== undefined) {
    const text = `The answer that came back from the login at ${issuer} ${why}; it was not used. Start the login again.`
    throw new AuthError('RESPONSE_INVALID', text)
  }
  const error = answer.get('error')
  if (error !== null) throw refusal(issuer, error, answer.get('error_description') ?? '', secrets)
  return answer.get('code') ?? ''
}

function refusal(issuer: string, error: string, description: string, secrets: readonly string[]): AuthError {
  const { code, advice } = refusalMeaning(error, description)
  const said = [error, description].filter((part) => part !== '').map((part) => showable(part, secrets))
  return new AuthError(code, `The login at ${issuer} failed: ${said.join(': ').replace(/[.!]$/, '')}. ${advice}`.trim())
}

function refusalMeaning(error: string, description: string): { readonly code: AuthErrorCode; readonly advice: string } {
  // Keycloak's way to say that its login page had stood open for too long.
  return meaningOf(description === 'authentication_expired' ? 'expired_token' : error, meanings)
}
