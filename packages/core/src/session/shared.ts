import type { Clock } from '../clock.ts'
import type { DpopKey } from '../dpop/dpop-key.ts'
import { keyText, type LoginKey } from '../store/login-key.ts'
import type { StoredToken, TokenStore } from '../store/token-store.ts'
import { isFresh } from '../token/freshness.ts'
import { freezeToken, type Token } from '../token/token.ts'
import type { Flight } from './flight.ts'

/** How many refused tokens are remembered for each variant: late answers name old ones. */
const mostRefused = 16

/** The token in memory. */
export interface Held {
  readonly token: Token
  readonly stored: StoredToken
  /** Known only where this process received it. */
  readonly receivedMonotonic: number | undefined
  /** Made once, so that handing the token out allocates nothing. */
  readonly ready: Promise<Token>
}

/** What the sessions of this process over one store know of one variant of one login. */
export interface Shared {
  held: Held | undefined
  /** Exchanges under way: the renewal under `''`, step-ups under what was asked for. */
  readonly flights: Map<string, Flight>
  /** Access tokens that callers of this process had refused. */
  readonly refused: Set<string>
  /** The latest order held or refused: only later tokens are adopted. */
  order: number
}

/** The same for all variants of one login. */
export interface SharedLogin {
  readonly variants: Map<string, Shared>
  /** On the monotonic clock: this process's own attempt timed out, and others go first. */
  notBefore: number
}

const stores = new WeakMap<TokenStore, Map<string, SharedLogin>>()

export function sharedLogin(store: TokenStore, key: LoginKey): SharedLogin {
  const logins = stores.get(store) ?? new Map<string, SharedLogin>()
  stores.set(store, logins)
  const text = keyText(key)
  const login = logins.get(text) ?? { variants: new Map(), notBefore: Number.NEGATIVE_INFINITY }
  logins.set(text, login)
  return login
}

/** Tokens that are bound to a key and tokens that are not are held apart. */
export function sharedVariant(login: SharedLogin, variant: string, dpop: boolean): Shared {
  const name = dpop ? `DPoP ${variant}` : variant
  const known = login.variants.get(name)
  if (known !== undefined) return known
  const made: Shared = { held: undefined, flights: new Map(), refused: new Set(), order: Number.NEGATIVE_INFINITY }
  login.variants.set(name, made)
  return made
}

/** Forgets what is held of a login: it ended, or became another. */
export function forget(login: SharedLogin): void {
  for (const shared of login.variants.values()) shared.held = undefined
}

/** A stored token, and the key it is bound to. */
export interface Holdable {
  readonly stored: StoredToken
  readonly key?: DpopKey | undefined
}

/** Takes a stored token into memory. */
export function hold(shared: Shared, { stored, key }: Holdable, receivedMonotonic?: number): Held {
  const { accessToken, tokenType, expiresAt, scope } = stored
  const token = freezeToken({
    accessToken,
    tokenType,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(scope !== undefined && { scope }),
    ...(key !== undefined && { key }),
  })
  const held: Held = { token, stored, receivedMonotonic, ready: Promise.resolve(token) }
  shared.held = held
  shared.order = Math.max(shared.order, stored.order)
  return held
}

/** Remembers that an API refused a token; it is not handed out again. */
export function refuse(shared: Shared, token: Token): void {
  shared.refused.add(token.accessToken)
  const [oldest] = shared.refused
  if (shared.refused.size > mostRefused && oldest !== undefined) shared.refused.delete(oldest)
  if (shared.held?.token.accessToken === token.accessToken) shared.held = undefined
}

/** Whether a stored token may be taken: fresh, refused by nobody here, and later than the one held or refused. */
export function isAdoptable(
  shared: Shared,
  stored: StoredToken | undefined,
  clock: Clock,
  minValid: number,
): stored is StoredToken {
  if (stored === undefined || shared.refused.has(stored.accessToken)) return false
  // The one still held is adoptable too: it was dropped from the store's view by nobody.
  const later = stored.order > shared.order || shared.held?.token.accessToken === stored.accessToken
  return later && isFresh(stored, clock, minValid, receivedHere(shared, stored))
}

/** When this process received a token, if it is the one held and came here. */
export const receivedHere = (shared: Shared, stored: StoredToken): number | undefined =>
  shared.held?.token.accessToken === stored.accessToken ? shared.held.receivedMonotonic : undefined

/** A token from a forced renewal, refused within this time, is not renewed again. */
const youngMs = 10_000

/** Whether a refused token came from a forced renewal just now: renewing again would be a storm. */
export function isYoungForced(stored: StoredToken | undefined, rejected: Token, clock: Clock): boolean {
  if (stored?.forced !== true || stored.accessToken !== rejected.accessToken) return false
  const age = clock.now() - stored.receivedAt
  return age >= 0 && age < youngMs
}
