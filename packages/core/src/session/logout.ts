import type { Client } from '../client/client.ts'
import { revoke } from '../endpoints/revocation.ts'
import { AuthError, isAuthError } from '../errors.ts'
import { refreshTokenIn } from '../issuer/token-answer.ts'
import type { Login } from '../store/token-store.ts'
import type { LoginState } from './login-state.ts'
import { forget, sharedLogin } from './shared.ts'

/** What a logout came to. The login is gone from the store in every case. */
export interface LogoutResult {
  /** Whether there was a login. */
  readonly removed: boolean
  /** Whether the issuer said that the refresh token is worth nothing any more (RFC 7009). */
  readonly confirmed: boolean
  /** Why the issuer did not confirm it, where it was asked and failed. */
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
  signal: AbortSignal | undefined,
): Promise<LogoutResult> {
  let revoked: Revoked | undefined
  // Before the lock; what it fails with is the revocation's to tell.
  await client.metadata({ signal }).catch(() => undefined)
  await state.store.update(
    state.key,
    async (current) => {
      if (current !== undefined) revoked = await revokedAll(client, tokensOf(current), signal)
      return undefined
    },
    { signal },
  )
  forget(sharedLogin(state.store, state.key))
  return { removed: revoked !== undefined, confirmed: false, ...revoked }
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
  let confirmed = tokens.length > 0
  for (const token of tokens) {
    try {
      confirmed = (await revoke(client, token, { signal })) && confirmed
    } catch (error) {
      return { confirmed: false, reason: reasonOf(error, client) }
    }
  }
  return { confirmed }
}

/** What a client authentication of the user's own threw must not keep the login. */
function reasonOf(error: unknown, { issuer }: Client): AuthError {
  if (isAuthError(error)) return error
  const text = `The client could not prove who it is, so ${issuer} was not asked to revoke anything.`
  return new AuthError('CONFIG_INVALID', text, { cause: error })
}
