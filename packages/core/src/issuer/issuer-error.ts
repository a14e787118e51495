import { parseChallenges } from '../authorizer/challenges.ts'
import { type AuthErrorCode, IssuerError, type IssuerRefusal } from '../errors.ts'
import type { RawAnswer } from './issuer-fetch.ts'
import { jsonObject, textOf } from './json.ts'
import { hostOf } from './network-error.ts'
import { showable } from './redact.ts'

/** The longest wait a server may ask for. */
const longestRetryAfterMs = 24 * 60 * 60 * 1000

// RFC 6749 section 5.2, RFC 8628 section 3.5, OpenID Connect Core section 3.1.2.6, RFC 8707 section 2; `unauthorized`
// is INDIGO IAM's word for a wrong client secret, `insufficient_scope` OpenCloud's for a scope that is too wide.
const codes: Readonly<Record<string, AuthErrorCode>> = {
  access_denied: 'LOGIN_DENIED',
  expired_token: 'LOGIN_EXPIRED',
  invalid_grant: 'LOGIN_REQUIRED',
  login_required: 'LOGIN_REQUIRED',
  interaction_required: 'LOGIN_REQUIRED',
  consent_required: 'LOGIN_REQUIRED',
  account_selection_required: 'LOGIN_REQUIRED',
  invalid_client: 'CONFIG_INVALID',
  unauthorized: 'CONFIG_INVALID',
  unauthorized_client: 'CONFIG_INVALID',
  unsupported_grant_type: 'CONFIG_INVALID',
  invalid_scope: 'CONFIG_INVALID',
  insufficient_scope: 'CONFIG_INVALID',
  invalid_target: 'CONFIG_INVALID',
  server_error: 'SERVER_ERROR',
  temporarily_unavailable: 'SERVER_ERROR',
}

const advice: Readonly<Partial<Record<AuthErrorCode, string>>> = {
  CONFIG_INVALID: ' Check the client id, its secret, the scope and the grants it is registered for.',
  SERVER_ERROR: ' Try again later.',
  LOGIN_DENIED: ' Start the login again if that was not meant.',
  LOGIN_EXPIRED: ' Start the login again.',
}

/**
 * Whatever an issuer refused with, as an error: the RFC's `error` is recognised under any content type and status, in
 * the body or in the challenge (INDIGO IAM answers 401 with both), and nothing we sent is repeated.
 */
export function issuerError(answer: RawAnswer, what: string, now: number): IssuerError {
  const refusal = refusalOf(answer, now)
  const code = codeOf(refusal)
  const said = [refusal.error, refusal.errorDescription].filter((part) => part !== undefined).join(': ')
  const how = said === '' ? shapeOf(answer) : said
  return new IssuerError(
    code,
    `${what} failed at ${hostOf(answer.url)} with ${answer.status}: ${how}.${advice[code] ?? ''}`,
    refusal,
  )
}

function codeOf(refusal: IssuerRefusal): AuthErrorCode {
  if (refusal.status >= 500 || refusal.status === 429) return 'SERVER_ERROR'
  const known = refusal.error !== undefined && Object.hasOwn(codes, refusal.error) ? codes[refusal.error] : undefined
  return known ?? 'RESPONSE_INVALID'
}

function refusalOf(answer: RawAnswer, now: number): IssuerRefusal {
  const body = jsonObject(answer.text)
  const challenge = parseChallenges(answer.headers.get('www-authenticate') ?? '').find((one) => one.parameters['error'])
  const error = textOf(body, 'error') ?? challenge?.parameters['error']
  const description = textOf(body, 'error_description') ?? challenge?.parameters['error_description']
  const show = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : showable(text, answer.secrets).replace(/\.$/, '')
  return {
    status: answer.status,
    error: show(error),
    errorDescription: show(description),
    retryAfter: retryAfterOf(answer.headers.get('retry-after'), now),
  }
}

/** What kind of answer it was, when it said nothing of its own: its body is not repeated. */
function shapeOf(answer: RawAnswer): string {
  const location = answer.headers.get('location')
  if (location !== null && answer.status >= 300 && answer.status < 400) {
    return `a redirect to ${hostOf(new URL(location, answer.url).href)}, which is not followed`
  }
  return showable(answer.headers.get('content-type') ?? 'an empty answer')
}

/** `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110 section 10.2.3), at most a day. */
export function retryAfterOf(value: string | null, now: number): number | undefined {
  if (value === null) return undefined
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), longestRetryAfterMs) : undefined
}
