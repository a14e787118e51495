import { type Clock, systemClock } from '../clock.ts'
import { AuthError } from '../errors.ts'
import type { Token } from '../token/token.ts'
import type { TokenSource } from '../token/token-source.ts'
import type { Answer, Authorization, Authorizer } from './authorizer.ts'
import { type Carrier, reaction } from './carrier.ts'
import { headerValue } from './header-value.ts'
import { heldTokens } from './held-tokens.ts'
import { originTest, parseOrigins } from './origins.ts'
import type { Verdict } from './verdict.ts'

/** What an API does differently from RFC 6750. */
export interface BearerOptions {
  /** The `Authorization` header for a token; default `Bearer TOKEN`. Called once for each token. */
  readonly format?: ((token: Token) => string) | undefined
  /** Reads a 401 or 403 before the standards do: `'token'` renews, `'caller'` renews nothing, `undefined` leaves it to them. */
  readonly verdict?: ((answer: Answer) => Verdict | Promise<Verdict>) | undefined
  readonly clock?: Clock | undefined
}

function defaultFormat({ tokenType, accessToken }: Token): string {
  if (!/^dpop$/i.test(tokenType)) return `${tokenType} ${accessToken}`
  throw new AuthError(
    'CONFIG_INVALID',
    'The source gives DPoP tokens, which are worth nothing without their key: use dpop(source, origins) (RFC 9449).',
  )
}

/**
 * Sends a source's token to its origins (RFC 6750). A token that the API refuses (401) is renewed and the request sent
 * again, once; a challenge that asks for more than a fresh token (RFC 9470, `insufficient_scope`) is put to the source,
 * once. A token that a refusal brought and that was never accepted is not renewed again for 5 minutes. A source that
 * has nothing better leaves the answer to the caller.
 *
 * @param origins where the token may go: https, or http on loopback
 * @throws `CONFIG_INVALID` for what is no origin; a request fails with it where the source gives DPoP tokens
 */
export function bearer(
  source: TokenSource,
  origins: string | readonly string[],
  options: BearerOptions = {},
): Authorizer {
  const { format = defaultFormat, verdict, clock = systemClock } = options
  const allowed = parseOrigins(origins)
  const serves = originTest(allowed)
  // One object for each token: a request in a hot loop makes none.
  const hold = heldTokens<Token, Authorization>((held) => {
    const headers = Object.freeze({ authorization: headerValue(format(held.token)) })
    return { headers, answered: reaction(carrier, { held, used: [] }) }
  })
  const carrier: Carrier<Token> = { source, clock, verdict, hold, headers: ({ token }) => hold(token).worn.headers }
  const authorize: Authorizer = async ({ url, signal }) => {
    if (!serves(url)) return undefined
    return hold(await source.getToken(signal === undefined ? undefined : { signal })).worn
  }
  return Object.assign(authorize, { origins: allowed })
}
