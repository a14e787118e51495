import type { StepUp } from './token/step-up.ts'

/**
 * What went wrong, in one word that programs can switch on.
 *
 * - `CONFIG_INVALID`: an option, a client secret or a scope is wrong; trying again changes nothing
 * - `DISCOVERY_FAILED`: the issuer's metadata could not be had
 * - `NETWORK`, `TIMEOUT`, `TLS`: the issuer was not reached
 * - `SERVER_ERROR`: the issuer answered 5xx or 429
 * - `RESPONSE_INVALID`: the issuer broke its protocol
 * - `UNSUPPORTED`: the issuer or the source has no way to do this
 * - `LOGIN_REQUIRED`, `LOGIN_DENIED`, `LOGIN_EXPIRED`: a person has to log in; said no; took too long
 * - `STEP_UP_REQUIRED`: the API asks for a stronger or wider login (RFC 9470, RFC 6750)
 * - `TOKEN_REFUSED`: the API refused a token that had just been renewed
 * - `ABORTED`: the caller's signal fired
 * - `STORE_UNREADABLE`, `STORE_PERMISSIONS`, `STORE_LOCKED`, `STORE_WRITE`: the token store
 */
export type AuthErrorCode =
  | 'CONFIG_INVALID'
  | 'DISCOVERY_FAILED'
  | 'NETWORK'
  | 'TIMEOUT'
  | 'TLS'
  | 'SERVER_ERROR'
  | 'RESPONSE_INVALID'
  | 'UNSUPPORTED'
  | 'LOGIN_REQUIRED'
  | 'LOGIN_DENIED'
  | 'LOGIN_EXPIRED'
  | 'STEP_UP_REQUIRED'
  | 'TOKEN_REFUSED'
  | 'ABORTED'
  | 'STORE_UNREADABLE'
  | 'STORE_PERMISSIONS'
  | 'STORE_LOCKED'
  | 'STORE_WRITE'

// Two copies of core in one process (a peer and a nested one) must recognise each other's errors.
const brand: unique symbol = Symbol.for('latchkey.AuthError') as never

/** The one error of this project: `code` says what happened, the message says where and what to do next. It never holds a secret. */
export class AuthError extends Error {
  /** For programs; see {@link AuthErrorCode}. */
  readonly code: AuthErrorCode

  constructor(code: AuthErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, 'name', { value: 'AuthError', configurable: true, writable: true })
    Object.defineProperty(this, brand, { value: true })
  }
}

/** What an issuer said when it refused, already cut to size, escaped and free of secrets. */
export interface IssuerRefusal {
  /** HTTP status. */
  readonly status: number
  /** `error` of RFC 6749 section 5.2, where one was found. */
  readonly error?: string | undefined
  /** `error_description`. */
  readonly errorDescription?: string | undefined
  /** Milliseconds the server asked to wait (`Retry-After`, RFC 9110 section 10.2.3). */
  readonly retryAfter?: number | undefined
}

/** An {@link AuthError} that carries what the issuer answered. */
export class IssuerError extends AuthError {
  readonly refusal: IssuerRefusal

  constructor(code: AuthErrorCode, message: string, refusal: IssuerRefusal) {
    super(code, message)
    this.refusal = refusal
  }
}

/** `STEP_UP_REQUIRED`, with what the API asked for. */
export class StepUpRequiredError extends AuthError {
  readonly stepUp: StepUp

  constructor(message: string, stepUp: StepUp, options?: { readonly cause?: unknown }) {
    super('STEP_UP_REQUIRED', message, options)
    this.stepUp = stepUp
  }
}

/** Whether a thrown value is an {@link AuthError}, also one of another copy of this package. */
export function isAuthError(error: unknown): error is AuthError {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[brand] === true
}

/**
 * The {@link AuthError} inside whatever an HTTP client threw: got and undici wrap what an adapter throws.
 * Walks `cause`, at most 8 levels; `undefined` when there is none.
 */
export function authErrorOf(error: unknown): AuthError | undefined {
  let current = error
  for (let depth = 0; depth < 8 && current !== undefined && current !== null; depth++) {
    if (isAuthError(current)) return current
    current = (current as { cause?: unknown }).cause
  }
  return undefined
}

/** Why a signal fired: an `AuthError` that a deadline put there, or `ABORTED` with the caller's own reason as cause. */
export function aborted(signal: AbortSignal): AuthError {
  if (isAuthError(signal.reason)) return signal.reason
  return new AuthError('ABORTED', 'The wait for a token was aborted by the caller.', { cause: signal.reason })
}
