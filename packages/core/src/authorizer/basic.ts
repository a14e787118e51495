import { AuthError } from '../errors.ts'
import type { Authorization, Authorizer } from './authorizer.ts'
import { originTest, parseOrigins } from './origins.ts'

const control = /[\u0000-\u001f\u007f]/

/** Base64 of UTF-8, in any runtime. */
function base64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/**
 * A user and a password on each request (RFC 7617, UTF-8), as oCIS and OpenCloud take their app tokens. A refusal is
 * the caller's: there is nothing to renew.
 *
 * @param origins where the credentials may go: https, or http on loopback
 * @throws `CONFIG_INVALID` for a colon in the user or control characters (RFC 7617 section 2), or for what is no origin
 */
export function basic(user: string, password: string, origins: string | readonly string[]): Authorizer {
  const allowed = parseOrigins(origins)
  if (user.includes(':'))
    throw new AuthError('CONFIG_INVALID', 'A user name for Basic must not hold a colon (RFC 7617).')
  if (control.test(user) || control.test(password)) {
    throw new AuthError(
      'CONFIG_INVALID',
      'User name and password for Basic must not hold control characters (RFC 7617).',
    )
  }
  const serves = originTest(allowed)
  const authorization: Authorization = {
    headers: Object.freeze({ authorization: `Basic ${base64(`${user}:${password}`)}` }),
  }
  const authorize: Authorizer = async ({ url }) => (serves(url) ? authorization : undefined)
  return Object.assign(authorize, { origins: allowed })
}
