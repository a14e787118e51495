import type { DpopKey } from '../dpop/dpop-key.ts'
import type { StepUp } from '../token/step-up.ts'
import type { Token } from '../token/token.ts'

/** What one exchange with an issuer brought. */
export interface TokenSet {
  readonly token: Token
  readonly refreshToken?: string
  /** Granted scope: what the issuer said, or what was asked for (RFC 6749 section 5.1). */
  readonly scope?: string
  /** Claims of the verified ID token, where one came (OpenID Connect Core section 2). */
  readonly idTokenClaims?: Readonly<Record<string, unknown>>
  /** The ID token itself, for whoever asks for it in place of an access token; redacted wherever it is printed. */
  readonly idToken?: string
}

/** How a grant is run. */
export interface GrantOptions {
  readonly signal?: AbortSignal | undefined
  readonly stepUp?: StepUp | undefined
  /** Tokens are asked for bound to this key (RFC 9449); a Bearer answer is refused. */
  readonly dpopKey?: DpopKey | undefined
}

/** One exchange: no cache, no store, no print. A `Grant` is not a source of tokens: wrap it in `cached` or `session`. */
export type Grant = (options?: GrantOptions) => Promise<TokenSet>
