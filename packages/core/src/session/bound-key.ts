import { type DpopKey, dpopJwk, dpopKey, dpopKeyFrom } from '../dpop/dpop-key.ts'
import { AuthError } from '../errors.ts'
import type { TokenSet } from '../grants/grant.ts'
import type { Login, TokenStore } from '../store/token-store.ts'

type KeptKey = Login['dpopKey']

const isKey = (kept: NonNullable<KeptKey>): kept is DpopKey => typeof kept['sign'] === 'function'

/** The key that a login's tokens are bound to, from what its store keeps. */
export function keyOf(kept: KeptKey): DpopKey | undefined {
  if (kept === undefined) return undefined
  return isKey(kept) ? kept : dpopKeyFrom(kept)
}

/** A new key in the form its store can keep: with its private half out of reach where that is possible. */
export function newKey(store: TokenStore): Promise<NonNullable<KeptKey>> {
  return store.keepsObjects === true ? dpopKey() : dpopJwk()
}

/** Refuses tokens of a caller's own grant that are not bound to the key they were asked for with (RFC 9449 section 5). */
export function checkBound(set: TokenSet, key: KeptKey): void {
  if (key === undefined || set.token.tokenType === 'DPoP') return
  throw new AuthError(
    'RESPONSE_INVALID',
    'The grant gave a token that is not bound to the key it was asked for with (RFC 9449).',
  )
}
