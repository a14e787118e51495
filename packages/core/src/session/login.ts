import type { Grant } from '../grants/grant.ts'
import type { Login } from '../store/token-store.ts'
import type { StepUp } from '../token/step-up.ts'
import type { Attempt } from './attempt.ts'
import { keyOf, newKey } from './bound-key.ts'
import { loginOf } from './finish.ts'
import { usable } from './standing.ts'

/**
 * Step 8: a person logs in. Many processes prompt once; those who wait take what anybody stores meanwhile.
 *
 * @param seen what could not be renewed: anything else that stands there is somebody's new login
 */
export async function logIn(
  attempt: Attempt,
  seen: Login | undefined,
  grant: Grant,
  stepUp?: StepUp,
): Promise<Login | undefined> {
  const { state, abandoned } = attempt
  const isNew = (login: Login | undefined): boolean => {
    if (login === undefined || stepUp !== undefined) return false
    const other = login.refreshToken !== undefined && login.refreshToken !== seen?.refreshToken
    return other || usable(attempt, login) !== undefined
  }
  return state.store.update(
    state.key,
    async (current) => {
      if (isNew(current)) return current
      const key = state.dpop ? await newKey(state.store) : undefined
      const set = await grant({ signal: abandoned, stepUp, dpopKey: keyOf(key) })
      return loginOf(set, state.clock.now(), key)
    },
    { signal: abandoned, interactive: true, enough: isNew },
  )
}
