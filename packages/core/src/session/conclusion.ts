import { type Client, stateOf } from '../client/client.ts'
import { revoke } from '../endpoints/revocation.ts'
import { isAuthError } from '../errors.ts'
import type { Login } from '../store/token-store.ts'
import type { Attempt, Outcome } from './attempt.ts'
import { keyOf } from './bound-key.ts'
import { failureError, failureFor } from './failure.ts'
import { logIn } from './login.ts'
import { loginRequired } from './refusal.ts'
import { type Held, hold } from './shared.ts'
import { adopted, isRenewable, sameMark } from './standing.ts'

/** Step 10: what came of it, from the login as it now stands. */
export async function concluded(
  attempt: Attempt,
  outcome: Outcome,
  seen: Login | undefined,
  stands: Login | undefined,
): Promise<Held | undefined> {
  switch (outcome.kind) {
    case 'again':
      return undefined
    case 'failed':
      throw outcome.error
    case 'ended':
      return ended(attempt, stands)
    case 'renewed':
      return written(attempt, outcome, stands)
    case 'adopt':
      break
  }
  const { state, variant } = attempt
  const held = adopted(attempt, stands)
  if (held !== undefined) return held
  const failed = failureFor(stands, variant, state.clock)
  if (failed !== undefined && !sameMark(failed, seen?.failed)) throw failureError(state, failed)
  return isRenewable(attempt, stands) ? undefined : ended(attempt, stands)
}

/** Ours was written, or somebody logged out meanwhile, or logged in: their word stands. */
async function written(
  attempt: Attempt,
  { login, spent, receivedMonotonic }: Outcome & { kind: 'renewed' },
  stands: Login | undefined,
): Promise<Held | undefined> {
  const { state, shared, variant } = attempt
  const made = login.tokens[variant]
  if (made === undefined) return undefined
  if (stands !== undefined && stands.refreshToken !== login.refreshToken) return undefined
  if (stands === undefined && login.refreshToken !== undefined) {
    if (login.refreshToken !== spent) await revokedQuietly(state.client, login.refreshToken)
    throw await loginRequired(state, undefined)
  }
  // Without our own file the token is good all the same: its next reader refreshes once more.
  const stored = stands?.tokens[variant]
  const same = stored?.accessToken === made.accessToken ? stored : { ...made, order: state.clock.now() }
  return hold(shared, { stored: same, key: keyOf(login.dpopKey) }, receivedMonotonic)
}

async function revokedQuietly(client: Client | undefined, token: string): Promise<void> {
  if (client === undefined) return
  try {
    await revoke(client, token, { signal: AbortSignal.timeout(stateOf(client).access.timeoutMs) })
  } catch (error) {
    // The person has logged out already; a successor that cannot be revoked dies with its issuer's limits.
    if (!isAuthError(error)) throw error
  }
}

/** Nothing to renew with: step 8 if a person can be asked, `LOGIN_REQUIRED` if not. */
export async function ended(attempt: Attempt, login: Login | undefined): Promise<Held | undefined> {
  if (attempt.state.login === undefined) throw await loginRequired(attempt.state, login)
  return adopted(attempt, await logIn(attempt, login, attempt.state.login))
}
