import type { Token } from '../token/token.ts'

/** A token as an authorizer has come to know it. */
export interface HeldToken<T extends Token = Token, W = unknown> {
  readonly token: T
  /** What is made of it once, for each request that carries it. */
  readonly worn: W
  /** Monotonic ms at which a refusal brought it; absent: it came without one. */
  readonly forcedAt: number | undefined
  /** An answer to it was below 400. */
  accepted: boolean
}

// More than one only where a source takes turns between tokens; what is forgotten costs one renewal.
const mostHeld = 8

/** Remembers the last few tokens, so that one token is made up once and has one history. */
export function heldTokens<T extends Token, W>(
  wear: (held: HeldToken<T>) => W,
): (token: T, forcedAt?: number) => HeldToken<T, W> {
  const held = new Map<string, HeldToken<T, W>>()
  let current: HeldToken<T, W> | undefined
  return (token, forcedAt) => {
    if (current?.token === token) return current
    const known = held.get(token.accessToken)
    if (known !== undefined) return (current = known)
    const bare = { token, worn: undefined, forcedAt, accepted: false }
    const made: HeldToken<T, W> = Object.assign(bare, { worn: wear(bare) })
    for (const oldest of held.keys()) if (held.size >= mostHeld) held.delete(oldest)
    held.set(token.accessToken, made)
    return (current = made)
  }
}
