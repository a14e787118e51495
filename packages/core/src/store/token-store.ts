import type { DpopKey } from '../dpop/dpop-key.ts'
import type { AuthErrorCode } from '../errors.ts'
import type { Token } from '../token/token.ts'
import type { LoginKey } from './login-key.ts'

/** An access token as a store keeps it. */
export interface StoredToken extends Token {
  /** Epoch milliseconds. */
  readonly receivedAt: number
  /** The store's clock in ms, at least one more than the last of this key; a logout does not start it again. */
  readonly order: number
  /** It came from a renewal that an API's refusal forced. */
  readonly forced?: true
  /** The ID token that came with it, as the issuer signed it, for whoever wants proof of the person (kubectl). */
  readonly idToken?: string
}

/** The issuer refused this refresh token: a rest, not a verdict. */
export interface RefusedMark {
  /** Epoch milliseconds. */
  readonly at: number
  /** The `error` the issuer gave. */
  readonly code: string
  /** What it said besides (`error_description`), escaped and without what was sent: `User disabled`. */
  readonly reason?: string
  /** How often in a row. */
  readonly times: number
}

/** The last attempt failed, not for good. */
export interface FailedMark {
  /** Epoch milliseconds. */
  readonly at: number
  readonly code: AuthErrorCode
  /** The variant that was asked for; `*`: it holds for every variant. */
  readonly variant: string
  /** Nobody asks again before; epoch milliseconds. */
  readonly retryAt?: number
}

/** The raw answer of a renewal whose process died before it could be stored. */
export interface UnfinishedAnswer {
  /** Epoch milliseconds. */
  readonly receivedAt: number
  readonly variant: string
  /** The body of the 2xx answer, as it came. */
  readonly answer: string
}

/**
 * Everything kept for one login. All but `refreshToken` belongs to that refresh token and is invisible with any other:
 * another person's login never yields the first one's access token.
 */
export interface Login {
  readonly refreshToken?: string
  /** Granted with the refresh token. */
  readonly scope?: string
  /** `sub` of the ID token; must not change on refresh (OpenID Connect Core section 12.2). */
  readonly subject?: string
  /** The key its tokens are bound to (RFC 9449); a private JWK wherever it must be kept as bytes. */
  readonly dpopKey?: DpopKey | Readonly<Record<string, unknown>>
  /** Access tokens by variant; `''` is the login's own. */
  readonly tokens: Readonly<Record<string, StoredToken>>
  readonly refused?: RefusedMark
  readonly failed?: FailedMark
  readonly unfinished?: UnfinishedAnswer
}

/** What `change` may do while it holds the lock. It ends with its `change`: called later, it throws and writes nothing. */
export interface Lease {
  /**
   * Called just before a refresh token is sent. Resolves when storing the answer can no longer fail for space or
   * permission. What it gives takes the raw body of the 2xx answer, before anybody parses it, and resolves when the
   * bytes are safe. Throws while any answer of this login is unfinished, whatever token is sent.
   *
   * @param variant the variant that is being asked for; kept with the answer
   */
  spend(refreshToken: string, variant: string): Promise<(answer: string) => Promise<void>>
  /** Reads the login again, waiting out a file that another writer has truncated. */
  reread(): Promise<Login | undefined>
}

/** How long and for what an update waits. */
export interface UpdateOptions {
  /** Ends the wait for the lock, never `change`. Rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds to wait for the lock; default 40,000, then `STORE_LOCKED`. */
  readonly waitMs?: number | undefined
  /** Asked while waiting: `true` ends the wait, `change` is not run, and the login read is returned. */
  readonly enough?: ((current: Login | undefined) => boolean) | undefined
  /** A person acts: a prompt lock of its own, waited for without limit; the renewal lock is taken for the final write only. */
  readonly interactive?: boolean | undefined
}

/**
 * Where logins are kept, shared by every process that opens the same place.
 *
 * `update` is lock, read, run, write, unlock as one act, with one lock a key; writing without the lock cannot be
 * expressed. `change` that returns its argument writes nothing; one that returns `undefined` removes the login with
 * everything kept for it. A `change` that throws changes nothing but an answer already handed over: a failed or
 * refused attempt is returned, not thrown. Nothing else of the store may be called inside `change`.
 * `update` gives the login as it then stands, which is not what `change` returned if another tool wrote meanwhile.
 *
 * The store sets each new token's `order`: it is larger than every order it has given for this key, whatever `change` put there.
 * A token object of the `current` it gave to `change` is not new.
 */
export interface TokenStore {
  /** It keeps objects as they are, not their bytes: a DPoP key's private half need not be extractable. Default: bytes. */
  readonly keepsObjects?: true
  /** The login as it stands; without a lock. Rejects with `STORE_UNREADABLE`, `STORE_PERMISSIONS`. */
  get(key: LoginKey, options?: { readonly signal?: AbortSignal | undefined }): Promise<Login | undefined>
  /** One change under the lock. Rejects also with `STORE_LOCKED`, `STORE_WRITE`. */
  update(
    key: LoginKey,
    change: (current: Login | undefined, lease: Lease) => Promise<Login | undefined>,
    options?: UpdateOptions,
  ): Promise<Login | undefined>
  /** Every login there is. */
  keys(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<LoginKey>
}
