import { type Clock, systemClock } from '../clock.ts'
import type { DpopToken } from '../dpop/dpop-key.ts'
import type { Grant } from '../grants/grant.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { TokenSource } from '../token/token-source.ts'
import { source } from './source.ts'

/** How a cached grant keeps time. */
export interface CachedOptions {
  /** Tokens bound to a key of this process (RFC 9449), for `dpop(source, origins)`; default false. */
  readonly dpop?: boolean | undefined
  readonly clock?: Clock | undefined
}

/**
 * A source that runs a grant when its last token has ended: a session without a store, for one process. One exchange
 * for any number of callers, and the failures of a session. The grant is a machine's: it has 30 s, and a refresh token that
 * it brings is not used; for a person's, use `session` with `login` and `memoryStore()`. Use `session` with `renew` to
 * share tokens between processes.
 */
export function cached(grant: Grant, options: CachedOptions & { readonly dpop: true }): TokenSource<DpopToken>
export function cached(grant: Grant, options?: CachedOptions): TokenSource
export function cached(grant: Grant, { clock = systemClock, dpop = false }: CachedOptions = {}): TokenSource {
  const key = { issuer: 'the grant', clientId: '' }
  return source({ store: memoryStore({ clock }), key, clock, renew: grant, dpop, loginCommand: '' })
}
