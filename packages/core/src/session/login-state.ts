import type { Client } from '../client/client.ts'
import type { Clock } from '../clock.ts'
import type { Grant } from '../grants/grant.ts'
import type { LoginKey } from '../store/login-key.ts'
import type { TokenStore } from '../store/token-store.ts'

/** Everything a session is, fixed when it is made. What changes lies in the store and in `Shared`. */
export interface LoginState {
  readonly store: TokenStore
  readonly key: LoginKey
  readonly clock: Clock
  /** Who refreshes; absent where a grant does everything (`cached`). */
  readonly client?: Client | undefined
  /** The scope of the login itself. */
  readonly scope?: string | undefined
  /** A machine's grant: runs in place of a refresh. */
  readonly renew?: Grant | undefined
  /** A person's grant: runs when nothing else can help. */
  readonly login?: Grant | undefined
  /** Tokens are bound to a key kept with the login (RFC 9449). */
  readonly dpop: boolean
  /** What a person types to log in, for messages. */
  readonly loginCommand: string
}
