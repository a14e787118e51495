import type { Client } from '../client/client.ts'
import type { Lease, Login } from '../store/token-store.ts'
import type { Attempt, Change } from './attempt.ts'
import { newKey } from './bound-key.ts'
import { failureError, failureFor, isHeldBack } from './failure.ts'
import { finish } from './finish.ts'
import { observed } from './observed.ts'
import { refresh, runGrant } from './refresh.ts'
import { isNews, isRenewable, usable, withoutRefused } from './standing.ts'

/** A waiter need not get the lock: somebody else's token, failure or refusal is its own. No clocks are compared. */
export function isEnough(attempt: Attempt, seen: Login | undefined, current: Login | undefined): boolean {
  return usable(attempt, current) !== undefined || isNews(attempt, seen, current)
}

/** Step 4: read again under the lock; adopt, take the failure, finish an answer, or renew with what is stored now. */
export async function underLock(
  attempt: Attempt,
  seen: Login | undefined,
  current: Login | undefined,
  lease: Lease,
): Promise<Change> {
  const { state, variant } = attempt
  const kept = withoutRefused(attempt, current)
  if (usable(attempt, kept) !== undefined) return { login: current, outcome: { kind: 'adopt' } }
  if (isNews(attempt, seen, kept)) return { login: kept, outcome: { kind: 'adopt' } }
  if (kept?.unfinished !== undefined && state.client !== undefined) return finishOld(state.client, kept)
  if (!isRenewable(attempt, kept)) return { login: kept, outcome: { kind: 'ended' } }
  const failed = failureFor(kept, variant, state.clock)
  if (failed !== undefined && isHeldBack(failed, state.clock)) {
    return { login: kept, outcome: { kind: 'failed', error: failureError(state, failed) } }
  }
  if (state.dpop && kept !== undefined && kept.dpopKey === undefined) {
    // The key is kept before anything is bound to it.
    return { login: { ...kept, dpopKey: await newKey(state.store) }, outcome: { kind: 'again' } }
  }
  return observed(attempt, () =>
    state.renew !== undefined || kept === undefined ? runGrant(attempt, kept) : refresh(attempt, kept, lease),
  )
}

/** The answer of a process that died: an update of its own, whole before anything else is spent. */
async function finishOld(client: Client, login: Login): Promise<Change> {
  const { unfinished } = login
  if (unfinished === undefined) return { login, outcome: { kind: 'again' } }
  const { login: made } = await finish(client, login, unfinished.answer, { ...unfinished, scope: login.scope })
  const { failed: _, ...whole } = made
  return { login: whole, outcome: { kind: 'again' } }
}
