import { AuthError, isFresh, type LoginKey, type StoredToken, systemClock } from '@latchkey/core'
import type { Context } from './command.ts'
import type { TokenOptions } from './fresh-token.ts'
import { decodedJwt, expiryOf } from './jwt/jwt.ts'
import { loginSession } from './login-session.ts'
import { storedLogin } from './stored-login.ts'

/** An ID token that is good now, and the login it belongs to. */
export interface LoginIdToken {
  readonly key: LoginKey
  readonly text: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** More than any token lives: whatever is stored is renewed. */
const foreverMs = Number.MAX_SAFE_INTEGER

/**
 * The ID token of a login: the stored one while it is good, else one from a renewal. Never starts a login.
 *
 * @throws `UNSUPPORTED` where the issuer sends none, and the codes of `getToken`
 */
export async function idToken(options: TokenOptions, context: Context, command: string): Promise<LoginIdToken> {
  const { wanted, minValid, secretFile } = options
  const store = context.store()
  const key = await storedLogin(wanted, store, command)
  const before = (await store.get(key))?.tokens['']
  const kept = good(key, before, minValid)
  if (kept !== undefined) return kept
  const login = await loginSession(key, { wanted, secretFile }, context)
  // Without an expiry nothing counts as too old: then it is asked for as if an API had refused it.
  const anew = before !== undefined && before.expiresAt === undefined ? { rejected: before } : { minValid: foreverMs }
  await login.getToken({ ...anew, signal: context.io.interruption() })
  const made = good(key, (await store.get(key))?.tokens[''], 0)
  if (made !== undefined) return made
  const advice = 'Log in with openid among the scopes; some issuers send one at a login only'
  throw new AuthError('UNSUPPORTED', `${key.issuer} sends no ID token when client ${key.clientId} renews. ${advice}.`)
}

function good(key: LoginKey, token: StoredToken | undefined, minValid: number): LoginIdToken | undefined {
  if (token?.idToken === undefined) return undefined
  const expiresAt = expiryOf(decodedJwt(token.idToken))
  const lifetime = { receivedAt: token.receivedAt, ...(expiresAt !== undefined && { expiresAt }) }
  if (expiresAt === undefined || !isFresh(lifetime, systemClock, minValid)) return undefined
  return { key, text: token.idToken, expiresAt }
}
