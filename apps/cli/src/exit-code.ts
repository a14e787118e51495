import { type AuthErrorCode, authErrorOf } from '@latchkey/core'
import { UsageError } from './usage-error.ts'

/** What the program ends with. */
export const exitCode = { done: 0, failed: 1, usage: 2, loginRequired: 3, tryAgain: 4, interrupted: 130 } as const

const codes: Readonly<Record<AuthErrorCode, number>> = {
  CONFIG_INVALID: exitCode.failed,
  DISCOVERY_FAILED: exitCode.tryAgain,
  NETWORK: exitCode.tryAgain,
  TIMEOUT: exitCode.tryAgain,
  TLS: exitCode.failed,
  SERVER_ERROR: exitCode.tryAgain,
  RESPONSE_INVALID: exitCode.failed,
  UNSUPPORTED: exitCode.failed,
  LOGIN_REQUIRED: exitCode.loginRequired,
  LOGIN_DENIED: exitCode.loginRequired,
  LOGIN_EXPIRED: exitCode.loginRequired,
  STEP_UP_REQUIRED: exitCode.loginRequired,
  TOKEN_REFUSED: exitCode.failed,
  ABORTED: exitCode.interrupted,
  STORE_UNREADABLE: exitCode.failed,
  STORE_PERMISSIONS: exitCode.failed,
  STORE_LOCKED: exitCode.tryAgain,
  STORE_WRITE: exitCode.failed,
}

/** The one place where an error becomes an exit code. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCode.usage
  const known = authErrorOf(error)
  return known === undefined ? exitCode.failed : codes[known.code]
}
