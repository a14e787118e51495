import type { IssuerMetadata } from '../client/discovery.ts'
import { AuthError, isAuthError } from '../errors.ts'
import { clockAdvice } from './issuer-clock.ts'
import { cleanedCause, showable } from './redact.ts'

/** Whether oauth4webapi refused a JWT for its times. */
export function isTimeCheck(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'
}

/** oauth4webapi's faults, in one place. Its messages name members, never values; its causes hold the whole answer and are dropped. */
export function libraryError(error: unknown, metadata: IssuerMetadata, what: string): AuthError {
  if (isAuthError(error)) return error
  const { message = 'it is not valid' } = error as { message?: string }
  const advice = isTimeCheck(error) ? clockAdvice(metadata) : 'Tell its operators if it stays so.'
  const text = `${what} was not accepted: ${showable(message)}. ${advice}`
  return new AuthError('RESPONSE_INVALID', text, { cause: cleanedCause(error, [], 1) })
}
