import { parseChallenges } from '../authorizer/challenges.ts'
import { type AuthErrorCode, IssuerError, type IssuerRefusal } from '../errors.ts'
import { clockNote } from './issuer-clock.ts'
import type { RawAnswer } from './issuer-fetch.ts'
import { jsonObject, textOf } from './json.ts'
import { hostOf } from './network-error.ts'
import { showable } from './redact.ts'

/** The longest wait a server may ask for. */
const longestRetryAfterMs = 24 * 60 * 60 * 1000

/** What the words of an issuer mean. */
export type Meanings = Readonly<Record<string, AuthErrorCode>>

/** How a refusal is read where it is not a token's. */
export interface Reading {
  /** What words mean here and not elsewhere. */
  readonly meanings?: Meanings | undefined
  /** What a refusal means whose word says nothing, or that has none; default `RESPONSE_INVALID`. */
  readonly otherwise?: AuthErrorCode | undefined
  /** What to do next; default by the code. */
  readonly advice?: string | undefined
}

// RFC 6749 section 5.2, RFC 8628 section 3.5, OpenID Connect Core section 3.1.2.6, RFC 8707 section 2; `unauthorized`
// is INDIGO IAM's word for a wrong client secret, `insufficient_scope` OpenCloud's for a scope that is too wide.
const common: Meanings = {
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
  CONFIG_INVALID: 'Check the client id, its secret, the scope and the grants it is registered for.',
  SERVER_ERROR: 'Try again later.',
  LOGIN_REQUIRED: 'Log in again.',
  LOGIN_DENIED: 'Start the login again if that was not meant.',
  LOGIN_EXPIRED: 'Start the login again.',
  RESPONSE_INVALID: "Check the issuer's address and the client id.",
}

interface Demand {
  readonly said: RegExp
  /** Default: what its `error` means. */
  readonly code?: AuthErrorCode
  readonly advice: string
}

/** What servers mean in their description alone: their `error` is `invalid_request`, or Keycloak's `invalid_scope` for the consent. */
const demands: readonly Demand[] = [
  // Withdrawn by the person, or asked for since: a login asks them again.
  { said: /no longer has requested consent/i, code: 'LOGIN_REQUIRED', advice: 'Log in again.' },
  // Of a subject token to exchange, which has ended by itself or with its session.
  { said: /^Invalid token$/i, code: 'LOGIN_REQUIRED', advice: 'Log in again.' },
  // Keycloak of the password grant.
  { said: /^Invalid user credentials$/i, advice: 'Check the user name and the password.' },
  {
    said: /^Account is not fully set up$/i,
    advice: 'Log in there once by browser: its pages ask for what the account lacks.',
  },
  // OpenCloud (lico) of a refresh token that is cut, was signed by a key that is gone, or is none.
  {
    said: /^(token contains an invalid number of segments|crypto\/rsa: verification error|not a refresh token)$/,
    code: 'LOGIN_REQUIRED',
    advice: 'Log in again.',
  },
  // INDIGO IAM: the code is spent by now.
  { said: /^Code challenge and verifier do not match$/, code: 'LOGIN_EXPIRED', advice: 'Start the login again.' },
  { said: /: code_challenge/i, code: 'CONFIG_INVALID', advice: 'This client must send a proof key (PKCE).' },
  {
    said: /DPoP proof is missing/i,
    code: 'CONFIG_INVALID',
    advice: 'Tokens of this client must be bound to a key (DPoP).',
  },
]

const demandIn = ({ status, errorDescription = '' }: IssuerRefusal): Demand | undefined =>
  status >= 500 || status === 429 ? undefined : demands.find(({ said }) => said.test(errorDescription))

/**
 * Whatever an issuer refused with, as an error: the RFC's `error` is recognised under any content type and status, in
 * the body or in the challenge (INDIGO IAM answers 401 with both), and nothing we sent is repeated.
 *
 * Its code: `SERVER_ERROR` for 5xx and 429, else by `error`; `RESPONSE_INVALID` for what no standard names.
 *
 * @param now epoch milliseconds
 */
export function issuerError(answer: RawAnswer, what: string, now: number, reading: Reading = {}): IssuerError {
  const refusal = refusalOf(answer, now)
  const demand = demandIn(refusal)
  const code = demand?.code ?? codeOf(refusal, reading)
  const said = [refusal.error, refusal.errorDescription].filter((part) => part !== undefined).join(': ')
  const how = said === '' ? shapeOf(answer) : said
  const wait = refusal.retryAfter
  const next =
    code === 'SERVER_ERROR' && wait
      ? `Try again in ${Math.ceil(wait / 1000)} s.`
      : (demand?.advice ?? adviceFor(code, reading))
  // An assertion is good for a minute of the issuer's time.
  const note = refusal.error === 'invalid_client' ? clockNote(answer.headers, now) : undefined
  const where = `${hostOf(answer.url)} with ${answer.status}`
  return new IssuerError(code, `${what} failed at ${where}: ${how}. ${note ?? next}`, refusal)
}

const adviceFor = (code: AuthErrorCode, reading: Reading): string =>
  (code === 'SERVER_ERROR' ? undefined : reading.advice) ?? advice[code] ?? ''

function codeOf({ status, error = '' }: IssuerRefusal, { meanings = {}, otherwise }: Reading): AuthErrorCode {
  if (status >= 500 || status === 429) return 'SERVER_ERROR'
  return codeFor(error, meanings) ?? otherwise ?? 'RESPONSE_INVALID'
}

const codeFor = (error: string, meanings: Meanings): AuthErrorCode | undefined =>
  [meanings, common].find((one) => Object.hasOwn(one, error))?.[error]

/** What an issuer's word means, and what to do next, where it did not come with an HTTP status. */
export function meaningOf(
  error: string,
  meanings: Meanings,
): { readonly code: AuthErrorCode; readonly advice: string } {
  const code = codeFor(error, meanings) ?? 'RESPONSE_INVALID'
  return { code, advice: advice[code] ?? '' }
}

function refusalOf(answer: RawAnswer, now: number): IssuerRefusal {
  const body = jsonObject(answer.text)
  const challenge = parseChallenges(answer.headers.get('www-authenticate')).find((one) => one.parameters['error'])
  const said = (name: string): string | undefined => {
    const text = textOf(body, name) ?? challenge?.parameters[name]
    return text === undefined ? undefined : showable(text, answer.secrets).replace(/[.!]$/, '')
  }
  return {
    status: answer.status,
    error: said('error'),
    errorDescription: said('error_description'),
    // The server counts by its own clock.
    retryAfter: retryAfterOf(answer.headers.get('retry-after'), dateOf(answer.headers.get('date')) ?? now),
  }
}

/** What kind of answer it was, when it said nothing of its own: its body is not repeated. */
function shapeOf({ url, status, headers, text, secrets }: RawAnswer): string {
  const location = headers.get('location')
  if (location !== null && status >= 300 && status < 400) {
    const target = URL.canParse(location, url) ? new URL(location, url).href : location
    return `a redirect to ${showable(hostOf(target), secrets)}, which is not followed`
  }
  if (text === '') return 'an empty answer'
  return `an answer of type ${showable(headers.get('content-type') ?? 'unknown', secrets)}`
}

/** `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110 section 10.2.3), at most a day. */
export function retryAfterOf(value: string | null, now: number): number | undefined {
  const until = dateOf(value)
  const ms = /^\s*\d+\s*$/.test(value ?? '') ? Number(value) * 1000 : (until ?? Number.NaN) - now
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestRetryAfterMs)
}

/** An HTTP date (RFC 9110 section 5.6.7) as epoch milliseconds. `Date.parse` alone takes `-5` for one too. */
function dateOf(value: string | null): number | undefined {
  const ms = /^\s*[A-Z][a-z]{2,8},? /.test(value ?? '') ? Date.parse(value ?? '') : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}
