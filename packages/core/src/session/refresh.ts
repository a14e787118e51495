import { isAuthError } from '../errors.ts'
import { deadline } from '../issuer/deadline.ts'
import { formOf, tokenRequest } from '../issuer/token-request.ts'
import type { Lease, Login } from '../store/token-store.ts'
import type { TokenRequest } from '../store/variant.ts'
import type { Attempt, Change } from './attempt.ts'
import { checkBound, keyOf, newKey } from './bound-key.ts'
import { failedMark, isPassing, timeoutPauseMs } from './failure.ts'
import { finish, storedToken } from './finish.ts'
import { isRefusal, markRefused } from './refusal.ts'
import { usable } from './standing.ts'

/** Everything that happens under the lock shares this. */
const lockDeadlineMs = 30_000

type Spendable = Login & { readonly refreshToken: string }

const isSpendable = (login: Login | undefined): login is Spendable => login?.refreshToken !== undefined

/** Steps 5 to 7 of the renewal protocol, with a refresh token; step 6 tries a second one that somebody else stored. */
export async function refresh(attempt: Attempt, current: Login, lease: Lease): Promise<Change> {
  const { clock, key } = attempt.state
  const limit = deadline(clock, lockDeadlineMs, `Renewing the login at ${key.issuer}`)
  try {
    let login = current
    for (let tries = 1; isSpendable(login); tries++) {
      const sent = await send(attempt, login, lease, limit.signal)
      if (sent.refused === undefined) return sent.change
      const stored = await lease.reread()
      if (stored?.refreshToken === undefined) return { login: stored, outcome: { kind: 'ended' } }
      if (stored.refreshToken === login.refreshToken) {
        // `login` may lack an access token that the API refused; the rest of the two is equal.
        return {
          login: markRefused({ ...stored, tokens: login.tokens }, sent.refused, clock),
          outcome: { kind: 'ended' },
        }
      }
      if (tries === 2) return { login: stored, outcome: { kind: 'again' } }
      if (usable(attempt, stored) !== undefined) {
        return { login: stored, outcome: { kind: 'adopt' } }
      }
      login = stored
    }
    return { login, outcome: { kind: 'ended' } }
  } finally {
    limit.end()
  }
}

type Sent =
  | { readonly change: Change; readonly refused?: undefined }
  | { readonly refused: Parameters<typeof markRefused>[1] }

async function send(attempt: Attempt, login: Spendable, lease: Lease, signal: AbortSignal): Promise<Sent> {
  const { clock } = attempt.state
  const answered = await lease.spend(login.refreshToken, attempt.variant)
  try {
    return { change: await exchange(attempt, login, answered, signal) }
  } catch (error) {
    if (isRefusal(error, login.refreshToken, clock)) return { refused: error }
    return { change: failed(attempt, login, error) }
  }
}

async function exchange(
  attempt: Attempt,
  login: Spendable,
  answered: (answer: string) => Promise<void>,
  signal: AbortSignal,
): Promise<Change> {
  const { clock, client } = attempt.state
  if (client === undefined) throw new TypeError('A source without a client has nothing to refresh with.')
  const form = formOf({ grant_type: 'refresh_token', refresh_token: login.refreshToken }, asked(attempt))
  const { text } = await tokenRequest(client, form, { signal, dpopKey: keyOf(login.dpopKey) })
  // Before anything can fail: the old token may be worth nothing from here on. A disk that takes no answer may still
  // take the login.
  await answered(text).catch((error: unknown) => {
    if (!isAuthError(error)) throw error
  })
  const receivedMonotonic = clock.monotonic()
  const origin = {
    variant: attempt.variant,
    receivedAt: clock.now(),
    scope: attempt.request.scope ?? login.scope,
    forced: attempt.rejected !== undefined,
  }
  const { login: made, error } = await finish(client, login, text, origin)
  const spent = login.refreshToken
  if (error === undefined) return { login: made, outcome: { kind: 'renewed', login: made, spent, receivedMonotonic } }
  return { login: made, outcome: { kind: 'failed', error } }
}

/** The login's own token is asked for without a scope: what was granted is what comes (RFC 6749 section 6). */
const asked = ({ variant, request }: Attempt): TokenRequest => (variant === '' ? {} : request)

/** Step 7: what passes is recorded with the login untouched; what does not is thrown, and shared with nobody. */
function failed(attempt: Attempt, login: Login | undefined, error: unknown): Change {
  if (!isPassing(error)) throw error
  const { clock } = attempt.state
  if (error.code === 'TIMEOUT') attempt.sharedLogin.notBefore = clock.monotonic() + 2 * timeoutPauseMs
  const mark = failedMark(error, attempt.variant, clock)
  return { login: { ...(login ?? { tokens: {} }), failed: mark }, outcome: { kind: 'failed', error } }
}

/** The machine's way: a grant in place of a refresh, under the same lock. */
export async function runGrant(attempt: Attempt, current: Login | undefined): Promise<Change> {
  const { clock, key, renew } = attempt.state
  if (renew === undefined) return { login: current, outcome: { kind: 'ended' } }
  const limit = deadline(clock, lockDeadlineMs, `Renewing the login at ${key.issuer}`)
  try {
    const dpopKey = current?.dpopKey ?? (attempt.state.dpop ? await newKey(attempt.state.store) : undefined)
    const set = await Promise.race([renew({ signal: limit.signal, dpopKey: keyOf(dpopKey) }), limit.passed])
    checkBound(set, dpopKey)
    const receivedMonotonic = clock.monotonic()
    const origin = { variant: attempt.variant, receivedAt: clock.now(), forced: attempt.rejected !== undefined }
    // What the issuer said of a person's refresh token beside it still holds.
    const { failed: _, ...kept } = current ?? { tokens: {} }
    const bound = dpopKey === undefined ? {} : { dpopKey }
    const login: Login = { ...kept, ...bound, tokens: { ...kept.tokens, [attempt.variant]: storedToken(set, origin) } }
    return { login, outcome: { kind: 'renewed', login, spent: undefined, receivedMonotonic } }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return failed(attempt, current, error)
  } finally {
    limit.end()
  }
}
