import { AuthError, isAuthError, type Login, type LoginKey, userinfo } from '@latchkey/core'
import type { Context } from '../command.ts'
import { decodedJwt } from '../jwt/jwt.ts'
import { loginSession } from '../login-session.ts'
import type { Wanted } from '../stored-login.ts'

/** What is known about a person, and from where. */
export interface Known {
  readonly claims: Readonly<Record<string, unknown>>
  /** `issuer`: asked just now; `id_token`: signed at the last renewal; `access_token`: written for APIs; `login`: the subject alone. */
  readonly source: 'issuer' | 'id_token' | 'access_token' | 'login'
  /** Why the issuer's own word is missing. */
  readonly reason?: AuthError | undefined
}

/** What the issuer says of the person now (userinfo), with a token that is renewed where that is needed. */
async function asked(key: LoginKey, login: Login | undefined, wanted: Wanted, context: Context): Promise<Known> {
  const signal = context.io.interruption()
  const session = await loginSession(key, { wanted, dpop: login?.dpopKey !== undefined }, context)
  const token = await session.getToken({ signal })
  return { claims: await userinfo(session.client, token, { subject: login?.subject, signal }), source: 'issuer' }
}

/**
 * What the issuer says of the person of a login, or what is stored where it says nothing.
 *
 * @param ask whether the issuer may be asked at all
 * @throws `LOGIN_REQUIRED`, `ABORTED`; what the issuer failed with where nothing is stored
 */
export async function knownClaims(
  key: LoginKey,
  { ask, wanted }: { readonly ask: boolean; readonly wanted: Wanted },
  context: Context,
): Promise<Known> {
  const store = context.store()
  if (!ask) return storedClaims(key, await store.get(key))
  try {
    return await asked(key, await store.get(key), wanted, context)
  } catch (error) {
    if (!isAuthError(error) || error.code === 'LOGIN_REQUIRED' || error.code === 'ABORTED') throw error
    return storedClaims(key, await store.get(key), error)
  }
}

/**
 * What the files say.
 *
 * @throws `reason`, or `UNSUPPORTED`, where they say nothing
 */
function storedClaims(key: LoginKey, login: Login | undefined, reason?: AuthError): Known {
  const own = login?.tokens['']
  const fromIdToken = claimsIn(own?.idToken)
  if (fromIdToken !== undefined) return { claims: fromIdToken, source: 'id_token', reason }
  const fromAccessToken = claimsIn(own?.accessToken)
  if (fromAccessToken?.['sub'] !== undefined) return { claims: fromAccessToken, source: 'access_token', reason }
  if (login?.subject !== undefined) return { claims: { sub: login.subject }, source: 'login', reason }
  const text = `Nothing stored says whose login at ${key.issuer} this is. Log in with openid among the scopes.`
  throw reason ?? new AuthError('UNSUPPORTED', text)
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
