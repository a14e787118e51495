import {
  AuthError,
  type AuthErrorCode,
  type Client,
  introspect,
  isAuthError,
  type Login,
  type LoginKey,
  type Session,
  userinfo,
} from '@latchkey/core'
import { clientSecret } from '../client-secret.ts'
import type { Context } from '../command.ts'
import { loginSession } from '../login-session.ts'
import type { Wanted } from '../stored-login.ts'
import { ownToken } from './login-status.ts'

/** What an issuer says of a login. */
export interface Checked {
  readonly result: 'good' | 'refused' | 'unknown'
  readonly by: 'introspection' | 'userinfo' | 'renewal' | 'nobody'
  /** Why it is not good, or not known. */
  readonly reason?: AuthError | undefined
}

const unreached: readonly AuthErrorCode[] = ['NETWORK', 'TIMEOUT', 'TLS', 'SERVER_ERROR', 'DISCOVERY_FAILED', 'ABORTED']

/** Whether the issuer takes the refresh token, from a client that may ask; `undefined`: it may not, or has nobody to ask. */
async function introspected(client: Client, refreshToken: string, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    return (await introspect(client, refreshToken, { hint: 'refresh_token', signal })).active
  } catch (error) {
    // Whatever the issuer says of the client that asks is no word about the token.
    if (isAuthError(error) && !unreached.includes(error.code)) return undefined
    throw error
  }
}

/** Asks with the access token. It is renewed only where it has ended, as the next use would, or where the issuer refuses it. */
async function byAccessToken(login: Session, before: Login, signal: AbortSignal): Promise<Checked> {
  const token = await login.getToken({ signal })
  if (token.accessToken !== ownToken(before)?.accessToken) return { result: 'good', by: 'renewal' }
  try {
    await userinfo(login.client, token, { subject: before.subject, signal })
    return { result: 'good', by: 'userinfo' }
  } catch (error) {
    if (!isAuthError(error) || error.code !== 'TOKEN_REFUSED') throw error
  }
  await login.getToken({ rejected: token, signal })
  return { result: 'good', by: 'renewal' }
}

function failed(error: unknown): Checked {
  if (!isAuthError(error) || error.code === 'ABORTED') throw error
  const refused = error.code === 'LOGIN_REQUIRED' || error.code === 'TOKEN_REFUSED'
  return { result: refused ? 'refused' : 'unknown', by: 'nobody', reason: error }
}

/**
 * Asks the issuer how a login is: about the refresh token where the client may (RFC 7662), which rotates nothing, else
 * with the access token (userinfo). Nothing is renewed that the next use would not renew.
 */
export async function check(key: LoginKey, before: Login, wanted: Wanted, context: Context): Promise<Checked> {
  const { io } = context
  const signal = io.interruption()
  try {
    if (ownToken(before)?.tokenType === 'DPoP') throw bound(key)
    const login = await loginSession(key, { wanted }, context)
    const { refreshToken } = before
    if (refreshToken !== undefined && (await clientSecret(key, undefined, io)) !== undefined) {
      const active = await introspected(login.client, refreshToken, signal)
      if (active !== undefined) return { result: active ? 'good' : 'refused', by: 'introspection' }
    }
    return await byAccessToken(login, before, signal)
  } catch (error) {
    return failed(error)
  }
}

function bound({ issuer }: LoginKey): AuthError {
  const text = `The tokens of ${issuer} are bound to a key (DPoP): the program that made the login can ask.`
  return new AuthError('UNSUPPORTED', text)
}
