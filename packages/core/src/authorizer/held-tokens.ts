import { AuthError } from '../errors.ts'
import type { Token } from '../token/token.ts'
import type { Authorization } from './authorizer.ts'

/** A token as an authorizer has come to know it. */
export interface HeldToken {
  readonly token: Token
  /** The same object for each request that carries the token. */
  readonly authorization: Authorization
  /** Monotonic ms at which a refusal brought it; absent: it came without one. */
  readonly forcedAt: number | undefined
  /** An answer to it was below 400. */
  accepted: boolean
}

/** How {@link heldTokens} turns a token into what goes on the wire. */
export interface TokenForm {
  readonly format: (token: Token) => string
  readonly answered: (held: HeldToken) => Authorization['answered']
}

// More than one only where a source takes turns between tokens; what is forgotten costs one renewal.
const mostHeld = 8

const visible = /^[\x20-\x7e]+$/

function headersFor(token: Token, format: TokenForm['format']): Authorization['headers'] {
  const authorization = format(token)
  if (visible.test(authorization)) return Object.freeze({ authorization })
  // HTTP clients repeat a bad header value in their error.
  throw new AuthError('RESPONSE_INVALID', 'The access token holds characters that no header can carry.')
}

/** Remembers the last few tokens, so that one token has one authorization and one history. */
export function heldTokens(form: TokenForm): (token: Token, forcedAt?: number) => HeldToken {
  const held = new Map<string, HeldToken>()
  let current: HeldToken | undefined
  return (token, forcedAt) => {
    if (current?.token === token) return current
    const known = held.get(token.accessToken)
    if (known !== undefined) return (current = known)
    const headers = headersFor(token, form.format)
    const made: HeldToken = {
      token,
      forcedAt,
      accepted: false,
      authorization: { headers, answered: (answer) => react?.(answer) },
    }
    const react = form.answered(made)
    for (const oldest of held.keys()) if (held.size >= mostHeld) held.delete(oldest)
    held.set(token.accessToken, made)
    return (current = made)
  }
}
