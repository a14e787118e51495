import { AuthError } from '../errors.ts'
import type { Grant } from '../grants/grant.ts'
import { keyOf, newKey } from './bound-key.ts'
import { loginOf } from './finish.ts'
import type { LoginState } from './login-state.ts'
import { forget, hold, sharedLogin, sharedVariant } from './shared.ts'

/** A person's login, stored over whatever stands there. No lock is held while the person takes their time. */
export async function storeLogin(
  state: LoginState,
  grant: Grant | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (grant === undefined) {
    throw new AuthError('UNSUPPORTED', `This session has no way to ask a person. Log in with: ${state.loginCommand}`)
  }
  // A store that cannot be written is told before anybody is asked for anything.
  await state.store.update(state.key, async (current) => current, { signal })
  const key = state.dpop ? await newKey(state.store) : undefined
  const set = await grant({ signal, dpopKey: keyOf(key) })
  const made = loginOf(set, state.clock.now(), key)
  const receivedMonotonic = state.clock.monotonic()
  const stands = await state.store.update(state.key, async () => made)
  const login = sharedLogin(state.store, state.key)
  forget(login)
  const stored = stands?.tokens['']
  if (stored !== undefined)
    hold(sharedVariant(login, '', state.dpop), { stored, key: keyOf(stands?.dpopKey) }, receivedMonotonic)
}
