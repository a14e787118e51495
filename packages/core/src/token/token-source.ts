import type { StepUp } from './step-up.ts'
import type { Token } from './token.ts'

/** How a token is asked for. */
export interface GetTokenOptions {
  /** Abandons this caller's wait, never the shared exchange; rejects with `ABORTED`, cause `signal.reason`. */
  readonly signal?: AbortSignal | undefined
  /** A token the API refused, as this source gave it. Never returned again. */
  readonly rejected?: Token | undefined
  /** What the API asked for beyond a fresh token. A source with no way to ask for it throws `UNSUPPORTED`: the API's answer is the caller's. One whose way failed: `STEP_UP_REQUIRED`. */
  readonly stepUp?: StepUp | undefined
  /** Milliseconds the token must still live; default 0, on top of the margin. */
  readonly minValid?: number | undefined
}

/**
 * The one idea everything hangs on: something that gives a token that is good now.
 *
 * 1. Safe under concurrency: any number of simultaneous calls on one source cause at most one exchange.
 * 2. A source that already holds another token than `rejected` returns that with no network; otherwise it renews.
 *    It never returns the rejected one. With no way to renew it throws `UNSUPPORTED`; having just renewed in vain,
 *    `TOKEN_REFUSED`: both times the API's answer is the caller's.
 * 3. Tokens are frozen, compared by `accessToken`, and redacted in `util.inspect` and `JSON.stringify`.
 * 4. No timers, no printing, no prompting, no work in constructors.
 */
export interface TokenSource<T extends Token = Token> {
  getToken(options?: GetTokenOptions): Promise<T>
}
