import type { Client } from '../client/client.ts'
import { revocationRefusal } from '../endpoints/revocation.ts'
import { AuthError, isAuthError } from '../errors.ts'
import { refreshTokenIn } from '../issuer/token-answer.ts'
import type { Login } from '../store/token-store.ts'
import type { LoginState } from './login-state.ts'
import { forget, sharedLogin } from './shared.ts'

/** How a login is ended. */
export interface LogoutOptions {
  /**
   * Whether the login stays in the store, where the issuer did not confirm for this reason: a client that forgot its
   * secret can try again with it. Default: it goes in every case.
   */
  readonly keep?: ((reason: AuthError) => boolean) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a logout came to. The login is gone from the store, unless `keep` said otherwise. */
export interface LogoutResult {
  /** Whether there was a login, and it is gone. */
  readonly removed: boolean
  /** Whether the issuer said that the refresh token is worth nothing any more (RFC 7009). */
  readonly confirmed: boolean
  /** Why the issuer did not confirm it: it was not reached, or has no way to, or refused (an `IssuerError`). */
  readonly reason?: AuthError
}

interface Revoked {
  readonly confirmed: boolean
  readonly reason?: AuthError
}

/** Lock, revoke, remove. A logout with the issuer out of reach is still a logout. */
export async function logout(
  state: LoginState,
  client: Client,
  { keep, signal }: LogoutOptions,
): Promise<LogoutResult> {
  let revoked: Revoked | undefined
  let kept = false
  // Before the lock; what it fails with is the revocation's to tell.
  await client.metadata({ signal }).catch(() => undefined)
  await state.store.update(
    state.key,
    async (current) => {
      if (current === undefined) return undefined
      revoked = await revokedAll(client, tokensOf(current), signal)
      kept = revoked.reason !== undefined && keep?.(revoked.reason) === true
      return kept ? current : undefined
    },
    { signal },
  )
  forget(sharedLogin(state.store, state.key))
  return { removed: revoked !== undefined && !kept, confirmed: false, ...revoked }
}

/** The refresh token, and the successor in an answer that a dead process left. */
function tokensOf(login: Login): readonly string[] {
  const successor = login.unfinished === undefined ? undefined : refreshTokenIn(login.unfinished.answer)
  return [login.refreshToken, successor].filter((token) => token !== undefined)
}

async function revokedAll(
  client: Client,
  tokens: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Revoked> {
  let refused: AuthError | undefined
  for (const token of tokens) {
    try {
      const refusal = await revocationRefusal(client, token, { signal })
      refused ??= refusal
    } catch (error) {
      return { confirmed: false, reason: reasonOf(error, client) }
    }
  }
  return refused === undefined ? { confirmed: tokens.length > 0 } : { confirmed: false, reason: refused }
}

/** What a client authentication of the user's own threw must not keep the login. */
function reasonOf(error: unknown, { issuer }: Client): AuthError {
  if (isAuthError(error)) return error
  const text = `The client could not prove who it is, so ${issuer} was not asked to revoke anything.`
  return new AuthError('CONFIG_INVALID', text, { cause: error })
}
