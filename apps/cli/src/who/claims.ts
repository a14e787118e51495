import type { LoginKey } from '@latchkey/core'
import { AuthError, isAuthError } from '@latchkey/core'
import type { Context } from '../command.ts'
import type { TokenOptions } from '../fresh-token.ts'
import { decodedJwt } from '../jwt/jwt.ts'
import { storedLogin } from '../stored-login.ts'

/** What is known about a person, and from where. */
export interface Known {
  readonly key: LoginKey
  readonly claims: Readonly<Record<string, unknown>>
  /** `id_token`: what the issuer signed at the last renewal; `access_token`: what it wrote for its APIs; `login`: the subject alone. */
  readonly source: 'id_token' | 'access_token' | 'login'
}

/**
 * What the files say about the person of a login. Asks nobody.
 *
 * @throws `LOGIN_REQUIRED`; `UNSUPPORTED` where nothing is known
 */
export async function knownClaims({ wanted }: TokenOptions, context: Context, command: string): Promise<Known> {
  const store = context.store()
  const key = await storedLogin(wanted, store, command)
  const login = await store.get(key)
  const own = login?.tokens['']
  const fromIdToken = claimsIn(own?.idToken)
  if (fromIdToken !== undefined) return { key, claims: fromIdToken, source: 'id_token' }
  const fromAccessToken = claimsIn(own?.accessToken)
  if (fromAccessToken?.['sub'] !== undefined) return { key, claims: fromAccessToken, source: 'access_token' }
  if (login?.subject !== undefined) return { key, claims: { sub: login.subject }, source: 'login' }
  const advice = 'Log in with openid among the scopes'
  throw new AuthError('UNSUPPORTED', `Nothing stored says whose login at ${key.issuer} this is. ${advice}.`)
}

function claimsIn(token: string | undefined): Known['claims'] | undefined {
  if (token === undefined) return undefined
  try {
    return decodedJwt(token).claims
  } catch (error) {
    if (isAuthError(error)) return undefined
    throw error
  }
}
