import { type Client, isAuthError, type Login, revoke } from '@latchkey/core'
import type { Context } from '../command.ts'
import { decodedJwt } from '../jwt/jwt.ts'
import { terminalText } from '../terminal-text.ts'

/** The session at the issuer that a refresh token is of, where the token is a JWT and says so. */
function claimsOf(refreshToken: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return decodedJwt(refreshToken).claims
  } catch (error) {
    if (isAuthError(error)) return undefined
    throw error
  }
}

/**
 * Whether a login can be revoked without the one in its place. A person who logs in twice in one browser has one session
 * at the issuer, and Keycloak ends that whole session with either token (seen with 26.5.0). A token that does not tell
 * its session is left alone.
 */
export function isApart(before: string, after: string): boolean {
  const [one, other] = [claimsOf(before), claimsOf(after)]
  if (one === undefined || other === undefined) return false
  const names = one['sid'] === undefined && other['sid'] === undefined ? 'jti' : 'sid'
  return typeof one[names] === 'string' && typeof other[names] === 'string' && one[names] !== other[names]
}

/** Revokes the login that another one has taken the place of, where that does no harm. Only ever says what came of it. */
export async function endReplaced(
  client: Client,
  before: Login | undefined,
  after: Login | undefined,
  { io }: Context,
): Promise<void> {
  const [old, now] = [before?.refreshToken, after?.refreshToken]
  // What the issuer has refused is dead.
  if (before?.refused !== undefined) return
  if (old === undefined || now === undefined || old === now || !isApart(old, now)) return
  try {
    const confirmed = await revoke(client, old, { signal: io.interruption() })
    io.err(
      confirmed
        ? 'The login before it is revoked.\n'
        : 'The issuer did not confirm that the login before it is revoked.\n',
    )
  } catch (error) {
    if (!isAuthError(error)) throw error
    io.err(`${terminalText(`The login before it could not be revoked (${error.code}).`)}\n`)
  }
}
