import { type Client, stateOf } from '../client/client.ts'
import { revoke } from '../endpoints/revocation.ts'
import { AuthError, isAuthError } from '../errors.ts'
import type { Lease, Login } from '../store/token-store.ts'
import type { Attempt, Change, Outcome } from './attempt.ts'
import { failureError, failureFor, isHeldBack } from './failure.ts'
import { finish } from './finish.ts'
import { logIn } from './login.ts'
import { refresh, runGrant } from './refresh.ts'
import { isResting, loginRequired } from './refusal.ts'
import { type Held, hold, isAdoptable } from './shared.ts'

/** More rounds than any story of the protocol needs: mending an answer, a login by somebody else, a person's login. */
const mostRounds = 5

/** Steps 3 to 10 of the renewal protocol (docs/renewal.md): a token of this variant, from the store, the issuer or a person. */
export async function renewal(attempt: Attempt): Promise<Held> {
  for (let round = 1; round <= mostRounds; round++) {
    const seen = await attempt.state.store.get(attempt.state.key, { signal: attempt.abandoned })
    const held = adopted(attempt, seen)
    if (held !== undefined) return held
    const found = await step(attempt, seen)
    if (found !== undefined) return found
  }
  throw new AuthError(
    'STORE_LOCKED',
    `The login at ${attempt.state.key.issuer} kept changing under every attempt to renew it. Try again.`,
  )
}

function adopted({ shared, state, variant, minValid }: Attempt, login: Login | undefined): Held | undefined {
  const stored = login?.tokens[variant]
  return isAdoptable(shared, stored, state.clock, minValid)
    ? hold(shared, stored, shared.held?.receivedMonotonic)
    : undefined
}

/** Whether something may be sent: a machine's grant always, a refresh token unless it rests. */
function isRenewable({ state }: Attempt, login: Login | undefined): boolean {
  if (state.renew !== undefined) return true
  return (
    login?.unfinished !== undefined || (login?.refreshToken !== undefined && !isResting(login.refused, state.clock))
  )
}

async function step(attempt: Attempt, seen: Login | undefined): Promise<Held | undefined> {
  const { state, sharedLogin, variant } = attempt
  if (!isRenewable(attempt, seen)) return ended(attempt, seen)
  const failed = failureFor(seen, variant, state.clock)
  if (failed !== undefined && isHeldBack(failed, state.clock)) throw failureError(state, failed)
  if (state.clock.monotonic() < sharedLogin.notBefore) {
    throw new AuthError(
      'TIMEOUT',
      `The last attempt of this process to renew the login at ${state.key.issuer} timed out; others go first. Try again in some seconds.`,
    )
  }
  await discovered(attempt, seen)
  let outcome: Outcome | undefined
  const stands = await state.store.update(
    state.key,
    async (current, lease) => {
      const change = await underLock(attempt, seen, current, lease)
      outcome = change.outcome
      return change.login
    },
    { signal: attempt.abandoned, enough: (current) => isEnough(attempt, seen, current) },
  )
  return concluded(attempt, outcome ?? { kind: 'adopt' }, seen, stands)
}

/** Discovery comes before the lock. Where it fails, a token known to be refused still leaves the store. */
async function discovered(attempt: Attempt, seen: Login | undefined): Promise<void> {
  try {
    await attempt.state.client?.metadata({ signal: attempt.abandoned })
  } catch (error) {
    if (withoutRefused(attempt, seen) !== seen) {
      const { store, key } = attempt.state
      await store.update(key, async (current) => withoutRefused(attempt, current)).catch(() => undefined)
    }
    throw error
  }
}

/** A waiter need not get the lock: somebody else's token, failure or refusal is its own. No clocks are compared. */
function isEnough(attempt: Attempt, seen: Login | undefined, current: Login | undefined): boolean {
  const { shared, state, variant, minValid } = attempt
  return isAdoptable(shared, current?.tokens[variant], state.clock, minValid) || isNews(attempt, seen, current)
}

/** A failure or refusal other than the one read before the lock. */
function isNews({ state, variant }: Attempt, seen: Login | undefined, current: Login | undefined): boolean {
  const failed = failureFor(current, variant, state.clock)
  if (failed !== undefined && !sameMark(failed, seen?.failed)) return true
  const refused = current?.refused
  return refused !== undefined && refused.at <= state.clock.now() && !sameMark(refused, seen?.refused)
}

const sameMark = (one: object, other: object | undefined): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Step 4: read again under the lock; adopt, take the failure, finish an answer, or renew with what is stored now. */
async function underLock(
  attempt: Attempt,
  seen: Login | undefined,
  current: Login | undefined,
  lease: Lease,
): Promise<Change> {
  const { state, shared, variant, minValid } = attempt
  const kept = withoutRefused(attempt, current)
  if (isAdoptable(shared, kept?.tokens[variant], state.clock, minValid))
    return { login: current, outcome: { kind: 'adopt' } }
  if (isNews(attempt, seen, kept)) return { login: kept, outcome: { kind: 'adopt' } }
  if (kept?.unfinished !== undefined && state.client !== undefined) return finishOld(state.client, kept)
  if (!isRenewable(attempt, kept)) return { login: kept, outcome: { kind: 'ended' } }
  const failed = failureFor(kept, variant, state.clock)
  if (failed !== undefined && isHeldBack(failed, state.clock)) {
    return { login: kept, outcome: { kind: 'failed', error: failureError(state, failed) } }
  }
  return state.renew !== undefined || kept === undefined ? runGrant(attempt, kept) : refresh(attempt, kept, lease)
}

/** The answer of a process that died: an update of its own, whole before anything else is spent. */
async function finishOld(client: Client, login: Login): Promise<Change> {
  const { unfinished } = login
  if (unfinished === undefined) return { login, outcome: { kind: 'again' } }
  const { login: made } = await finish(client, login, unfinished.answer, { ...unfinished, scope: login.scope })
  const { failed: _, ...whole } = made
  return { login: whole, outcome: { kind: 'again' } }
}

/** The login without access tokens that an API refused; the same object if there are none. */
function withoutRefused({ shared, variant }: Attempt, login: Login | undefined): Login | undefined {
  const stored = login?.tokens[variant]
  if (login === undefined || stored === undefined || !shared.refused.has(stored.accessToken)) return login
  shared.order = Math.max(shared.order, stored.order)
  const { [variant]: _, ...tokens } = login.tokens
  return { ...login, tokens }
}

/** Step 10: what came of it, from the login as it now stands. */
async function concluded(
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
  return hold(shared, same, receivedMonotonic)
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
async function ended(attempt: Attempt, login: Login | undefined): Promise<Held | undefined> {
  if (attempt.state.login === undefined) throw await loginRequired(attempt.state, login)
  return adopted(attempt, await logIn(attempt, login, attempt.state.login))
}
