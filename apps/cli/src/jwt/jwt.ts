import { AuthError } from '@latchkey/core'

/** What a JWT says of itself (RFC 7519). Nobody has checked its signature. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** Longer is no token that a header could carry. */
const longest = 256 * 1024

/** Whether a word begins as a JWT does: the header is a JSON object, so its base64url begins with `eyJ`. */
export const looksLikeJwt = (word: string): boolean => /^eyJ[\w-]*\./.test(word)

/**
 * Takes a JWT apart, without verifying anything.
 *
 * @throws `UNSUPPORTED` for an encrypted or an opaque token, `RESPONSE_INVALID` for a broken one. No message repeats it.
 */
export function decodedJwt(token: string): Jwt {
  if (token.length > longest) throw opaque('it is longer than any token')
  const parts = token.split('.')
  if (parts.length === 5 && looksLikeJwt(token)) {
    throw new AuthError('UNSUPPORTED', 'The token is encrypted (JWE, RFC 7516): only its recipient can read it.')
  }
  if (parts.length !== 3) throw opaque(`it has ${parts.length === 1 ? 'one part' : `${parts.length} parts`}, not three`)
  const [header = '', claims = ''] = parts
  if (!looksLikeJwt(token)) throw opaque('its first part is no JSON object')
  return { header: objectIn(header, 'header'), claims: objectIn(claims, 'claims part') }
}

function opaque(why: string): AuthError {
  return new AuthError('UNSUPPORTED', `The token is no JWT (${why}): it says nothing to anybody but its issuer.`)
}

function objectIn(part: string, name: string): Readonly<Record<string, unknown>> {
  const broken = (why: string): AuthError =>
    new AuthError('RESPONSE_INVALID', `The token is a broken JWT: its ${name} ${why}. Was all of it copied?`)
  if (!/^[\w-]*$/.test(part) || part.length % 4 === 1) throw broken('is not base64url')
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'))
  } catch {
    throw broken('is not UTF-8')
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    throw broken('is not JSON')
  }
  throw broken('is no JSON object')
}

/** When a JWT ends, epoch milliseconds; `undefined`: it does not say. */
export function expiryOf({ claims }: Jwt): number | undefined {
  const { exp } = claims
  return typeof exp === 'number' ? exp * 1000 : undefined
}
