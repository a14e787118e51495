import type { Grant } from '../grants/grant.ts'
import type { Login } from '../store/token-store.ts'
import type { StepUp } from '../token/step-up.ts'
import type { Attempt } from './attempt.ts'
import { keyOf, newKey } from './bound-key.ts'
import { loginOf } from './finish.ts'
import { forget } from './shared.ts'
import { usable } from './standing.ts'

/**
 * Step 8: a person logs in. Many processes prompt once; those who wait take what anybody stores meanwhile. A step-up
 * waits for the prompt before it to end: a mere renewal meanwhile is not what its API asked for.
 *
 * @param seen what could not be renewed, or is not strong enough: any other login that stands there will do
 */
export async function logIn(
  attempt: Attempt,
  seen: Login | undefined,
  grant: Grant,
  stepUp?: StepUp,
): Promise<Login | undefined> {
  const { state, sharedLogin, abandoned } = attempt
  const isNew = (login: Login | undefined): boolean =>
    isAnother(login, seen) ||
    (stepUp === undefined ? usable(attempt, login) !== undefined : orderIn(login) > orderIn(seen))
  const stands = await state.store.update(
    state.key,
    async (current) => {
      if (isNew(current)) return current
      const key = state.dpop ? await newKey(state.store) : undefined
      const set = await grant({ signal: abandoned, stepUp, dpopKey: keyOf(key) })
      return loginOf(set, state.clock.now(), key)
    },
    { signal: abandoned, interactive: true, enough: (current) => stepUp === undefined && isNew(current) },
  )
  // It may be another person's.
  forget(sharedLogin)
  return stands
}

const isAnother = (login: Login | undefined, seen: Login | undefined): boolean =>
  login?.refreshToken !== undefined && login.refreshToken !== seen?.refreshToken

/** Where the issuer gives the same refresh token again, or none, a later access token tells. */
const orderIn = (login: Login | undefined): number => login?.tokens['']?.order ?? Number.NEGATIVE_INFINITY
