import type { AuthError } from '../errors.ts'
import type { Login } from '../store/token-store.ts'
import type { TokenRequest } from '../store/variant.ts'
import type { Token } from '../token/token.ts'
import type { LoginState } from './login-state.ts'
import type { Shared, SharedLogin } from './shared.ts'

/** One caller's need for a new token, as the steps of the renewal protocol hand it on. */
export interface Attempt {
  readonly state: LoginState
  readonly request: TokenRequest
  readonly variant: string
  readonly sharedLogin: SharedLogin
  readonly shared: Shared
  /** Milliseconds the token must still live. */
  readonly minValid: number
  /** A token the API refused: the renewal is forced. */
  readonly rejected: Token | undefined
  /** Fires when nobody waits any more. */
  readonly abandoned: AbortSignal
}

/** What a change under the lock came to. */
export type Outcome =
  /** The issuer gave a token; it is in this login, and was asked for with that refresh token. */
  | {
      readonly kind: 'renewed'
      readonly login: Login
      readonly spent: string | undefined
      readonly receivedMonotonic: number
    }
  /** The store holds one that will do. */
  | { readonly kind: 'adopt' }
  /** Something was mended; look again. */
  | { readonly kind: 'again' }
  /** This attempt, or one it waited for, failed; the login stands. */
  | { readonly kind: 'failed'; readonly error: AuthError }
  /** There is nothing to renew with: only a person can help. */
  | { readonly kind: 'ended' }

/** What `change` gives back to the store, with what it came to. */
export interface Change {
  readonly login: Login | undefined
  readonly outcome: Outcome
}
