import type { Grant } from '../grants/grant.ts'
import type { StepUp } from '../token/step-up.ts'
import type { Attempt } from './attempt.ts'
import { keyOf } from './bound-key.ts'
import { logIn } from './login.ts'
import { renewal } from './renewal.ts'
import { type Held, hold } from './shared.ts'

/** A token of a login that is strong enough for what an API asked (RFC 9470): a person logs in, whatever is stored. */
export async function strengthened(attempt: Attempt, grant: Grant, stepUp: StepUp): Promise<Held> {
  const { state, shared, variant, abandoned } = attempt
  const seen = await state.store.get(state.key, { signal: abandoned })
  const stands = await logIn(attempt, seen, grant, stepUp)
  const stored = stands?.tokens[variant]
  return stored === undefined ? renewal(attempt) : hold(shared, { stored, key: keyOf(stands?.dpopKey) })
}
