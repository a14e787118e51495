import { base64url } from '../token/base64url.ts'
import type { DpopKey } from './dpop-key.ts'

/** The members that a thumbprint is made of, in their order (RFC 7638 section 3.2, RFC 8037 section 2). */
const members = ['crv', 'kty', 'x', 'y']

/** The SHA-256 thumbprint of a key (RFC 7638), base64url: `dpop_jkt` of an authorization request (RFC 9449 section 10). */
export async function thumbprint({ publicJwk }: DpopKey): Promise<string> {
  const named = members.filter((name) => publicJwk[name] !== undefined).map((name) => [name, publicJwk[name]])
  const canonical = new TextEncoder().encode(JSON.stringify(Object.fromEntries(named)))
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', canonical)))
}
