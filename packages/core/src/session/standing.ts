import type { Login, StoredToken } from '../store/token-store.ts'
import type { Attempt } from './attempt.ts'
import { keyOf } from './bound-key.ts'
import { failureFor } from './failure.ts'
import { isResting } from './refusal.ts'
import { type Held, hold, isAdoptable, receivedHere } from './shared.ts'

/** Takes the token of this variant from a login, if it will do. */
export function adopted({ shared, state, variant, minValid }: Attempt, login: Login | undefined): Held | undefined {
  const stored = usable({ shared, state, variant, minValid }, login)
  return stored && hold(shared, { stored, key: keyOf(login?.dpopKey) }, receivedHere(shared, stored))
}

/** The token of this variant in a login, if it will do: one bound to a key where that is asked for. */
export function usable(
  { shared, state, variant, minValid }: Pick<Attempt, 'shared' | 'state' | 'variant' | 'minValid'>,
  login: Login | undefined,
): StoredToken | undefined {
  const stored = login?.tokens[variant]
  if (state.dpop && stored?.tokenType !== 'DPoP') return undefined
  return isAdoptable(shared, stored, state.clock, minValid) ? stored : undefined
}

/** Whether something may be sent: a machine's grant always, a refresh token unless it rests. */
export function isRenewable({ state }: Attempt, login: Login | undefined): boolean {
  if (state.renew !== undefined) return true
  return (
    login?.unfinished !== undefined || (login?.refreshToken !== undefined && !isResting(login.refused, state.clock))
  )
}

/** A failure or refusal other than the one read before the lock. */
export function isNews({ state, variant }: Attempt, seen: Login | undefined, current: Login | undefined): boolean {
  const failed = failureFor(current, variant, state.clock)
  if (failed !== undefined && !sameMark(failed, seen?.failed)) return true
  const refused = current?.refused
  return refused !== undefined && refused.at <= state.clock.now() && !sameMark(refused, seen?.refused)
}

/** Whether two marks say the same: clocks are not compared. */
export const sameMark = (one: object, other: object | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** The login without access tokens that an API refused; the same object if there are none. */
export function withoutRefused({ shared, variant }: Attempt, login: Login | undefined): Login | undefined {
  const stored = login?.tokens[variant]
  if (login === undefined || stored === undefined || !shared.refused.has(stored.accessToken)) return login
  shared.order = Math.max(shared.order, stored.order)
  const { [variant]: _, ...tokens } = login.tokens
  return { ...login, tokens }
}
