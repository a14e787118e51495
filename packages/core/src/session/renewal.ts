import { AuthError } from '../errors.ts'
import type { Login } from '../store/token-store.ts'
import type { Attempt, Outcome } from './attempt.ts'
import { concluded, ended } from './conclusion.ts'
import { failureError, failureFor, isHeldBack } from './failure.ts'
import type { Held } from './shared.ts'
import { adopted, isRenewable, withoutRefused } from './standing.ts'
import { isEnough, underLock } from './under-lock.ts'

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

async function step(attempt: Attempt, seen: Login | undefined): Promise<Held | undefined> {
  const { state } = attempt
  if (!isRenewable(attempt, seen)) {
    await dropRefused(attempt, seen)
    return ended(attempt, seen)
  }
  try {
    assertNotHeldBack(attempt, seen)
    // Before the lock, so that a dead network holds none.
    await state.client?.metadata({ signal: attempt.abandoned })
  } catch (error) {
    await dropRefused(attempt, seen)
    throw error
  }
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

/** A failure that asks for patience is given at once, and so is a timeout of this process's own. */
function assertNotHeldBack({ state, sharedLogin, variant }: Attempt, seen: Login | undefined): void {
  const failed = failureFor(seen, variant, state.clock)
  if (failed !== undefined && isHeldBack(failed, state.clock)) throw failureError(state, failed)
  if (state.clock.monotonic() >= sharedLogin.notBefore) return
  throw new AuthError(
    'TIMEOUT',
    `The last attempt of this process to renew the login at ${state.key.issuer} timed out; others go first. Try again in some seconds.`,
  )
}

/** A token known to be refused leaves the store also where nothing is sent; whatever keeps it there matters less. */
async function dropRefused(attempt: Attempt, seen: Login | undefined): Promise<void> {
  if (withoutRefused(attempt, seen) === seen) return
  const { store, key } = attempt.state
  await store.update(key, async (current) => withoutRefused(attempt, current)).catch(() => undefined)
}
