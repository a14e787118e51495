import { isFresh, isResting, type Login, type LoginKey, type StoredToken, systemClock } from '@latchkey/core'
import type { Checked } from './check.ts'

/** How a login is, as far as the files say. */
export interface LoginStatus {
  readonly key: LoginKey
  /** `fresh`: an access token is good now; `renewable`: the next use brings one; `login_required`: a person has to log in. */
  readonly state: 'fresh' | 'renewable' | 'login_required'
  readonly login: Login
  /** What the issuer said, where it was asked. */
  readonly checked?: Checked | undefined
}

/** The login's own token; where no person ever logged in, the latest one of a machine, which its service renews. */
export function ownToken({ tokens, refreshToken }: Login): StoredToken | undefined {
  if (tokens[''] !== undefined || refreshToken !== undefined) return tokens['']
  return Object.values(tokens).toSorted((one, other) => other.order - one.order)[0]
}

/** A login's status; pure. A refused login whose rest is over is tried once more by the next use. */
export function statusOf(key: LoginKey, login: Login, now: number): LoginStatus {
  const own = ownToken(login)
  const clock = { ...systemClock, now: () => now }
  if (own !== undefined && isFresh(own, clock)) return { key, state: 'fresh', login }
  const machines = login.refreshToken === undefined && login.tokens[''] === undefined && own !== undefined
  const renewable = machines || (login.refreshToken !== undefined && !isResting(login.refused, clock))
  return { key, state: renewable ? 'renewable' : 'login_required', login }
}
