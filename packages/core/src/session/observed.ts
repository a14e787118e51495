import { publish } from '../diagnostics.ts'
import { isAuthError } from '../errors.ts'
import type { Login } from '../store/token-store.ts'
import type { Attempt, Change } from './attempt.ts'

/** Tells whoever listens that an exchange with the issuer begins, and how it ended. */
export async function observed(attempt: Attempt, exchange: () => Promise<Change>): Promise<Change> {
  const { clock, key } = attempt.state
  const { issuer, clientId } = key
  const start = clock.monotonic()
  const durationMs = (): number => clock.monotonic() - start
  publish('latchkey:token-requested', () => ({ issuer, clientId, forced: attempt.rejected !== undefined }))
  try {
    const change = await exchange()
    const { outcome } = change
    if (outcome.kind === 'renewed') {
      publish('latchkey:token-renewed', () => ({
        issuer,
        clientId,
        ...expiry(outcome.login, attempt.variant),
        durationMs: durationMs(),
      }))
    } else {
      const code = outcome.kind === 'failed' ? outcome.error.code : 'LOGIN_REQUIRED'
      publish('latchkey:token-failed', () => ({ issuer, clientId, code, durationMs: durationMs() }))
    }
    return change
  } catch (error) {
    const code = isAuthError(error) ? error.code : 'unknown'
    publish('latchkey:token-failed', () => ({ issuer, clientId, code, durationMs: durationMs() }))
    throw error
  }
}

function expiry(login: Login, variant: string): { readonly expiresAt?: number } {
  const expiresAt = login.tokens[variant]?.expiresAt
  return expiresAt === undefined ? {} : { expiresAt }
}
