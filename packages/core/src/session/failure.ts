import type { Clock } from '../clock.ts'
import { AuthError, IssuerError, isAuthError } from '../errors.ts'
import type { FailedMark, Login } from '../store/token-store.ts'
import type { LoginState } from './login-state.ts'

/** After a timeout nobody sends the same refresh token for this time: the abandoned request may still arrive. */
export const timeoutPauseMs = 5_000
/** A `retryAt` further ahead is not believed: some clock is wrong. */
const longestRetryMs = 60_000
/** The mark of a failure that holds for every variant. */
const everyVariant = '*'

/** Failures that say nothing about the login: they are recorded, shared with those who wait, and tried again. */
const passing: ReadonlySet<string> = new Set([
  'NETWORK',
  'TIMEOUT',
  'TLS',
  'SERVER_ERROR',
  'RESPONSE_INVALID',
  'DISCOVERY_FAILED',
])

/** Whether a failure is recorded and shared; `CONFIG_INVALID` and its like are thrown and shared with nobody. */
export function isPassing(error: unknown): error is AuthError {
  return isAuthError(error) && passing.has(error.code)
}

/** What is recorded of a failed attempt. */
export function failedMark(error: AuthError, variant: string, clock: Clock): FailedMark {
  const at = clock.now()
  const asked = error instanceof IssuerError ? error.refusal.retryAfter : undefined
  const pause = error.code === 'TIMEOUT' ? timeoutPauseMs : asked
  const all = error.code === 'TIMEOUT' || (error instanceof IssuerError && error.refusal.status === 429)
  const retryAt = pause === undefined ? {} : { retryAt: at + Math.min(pause, longestRetryMs) }
  return { at, code: error.code, variant: all ? everyVariant : variant, ...retryAt }
}

/** The failure of a login that concerns a variant, if there is one. One in the future is past: some clock was set back. */
export function failureFor(login: Login | undefined, variant: string, clock: Clock): FailedMark | undefined {
  const failed = login?.failed
  if (failed === undefined || failed.at > clock.now()) return undefined
  return failed.variant === variant || failed.variant === everyVariant ? failed : undefined
}

/** Whether nobody may ask again yet. */
export function isHeldBack(failed: FailedMark | undefined, clock: Clock): boolean {
  const ahead = (failed?.retryAt ?? 0) - clock.now()
  return ahead > 0 && ahead <= longestRetryMs
}

/** A recorded failure as the error it was, for those who share it. */
export function failureError(state: LoginState, failed: FailedMark): AuthError {
  const seconds = Math.max(1, Math.ceil(((failed.retryAt ?? 0) - state.clock.now()) / 1000))
  const when = isHeldBack(failed, state.clock) ? ` It is tried again in ${seconds} s.` : ' Try again later.'
  return new AuthError(
    failed.code,
    `The login at ${state.key.issuer} could not be renewed: another attempt has just failed (${failed.code}).${when}`,
  )
}
