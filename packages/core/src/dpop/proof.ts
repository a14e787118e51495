import { base64url, base64urlOf } from '../token/base64url.ts'
import type { DpopKey } from './dpop-key.ts'

/** What one proof is for. */
export interface ProofRequest {
  readonly method: string
  readonly url: URL
  /** Absent at a token endpoint. */
  readonly accessToken?: string | undefined
  readonly nonce?: string | undefined
}

const encoder = new TextEncoder()
// ASCII: addresses are percent-encoded, nonces and tokens are checked when they come.
const encoded = (value: object): string => base64urlOf(JSON.stringify(value))

// The header of a key's proofs, and the hash of a token, are the same for each: worth keeping.
const headers = new WeakMap<DpopKey, string>()
let lastHash: { readonly token: string; readonly hash: string } | undefined

function headerOf(key: DpopKey): string {
  const known = headers.get(key)
  if (known !== undefined) return known
  const made = encoded({ typ: 'dpop+jwt', alg: key.algorithm, jwk: key.publicJwk })
  headers.set(key, made)
  return made
}

async function hashOf(token: string): Promise<string> {
  const hash = base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(token))))
  lastHash = { token, hash }
  return hash
}

/**
 * A proof of possession for one request (RFC 9449 section 4.2): bound to its method, address, moment and token.
 *
 * @param now epoch milliseconds
 */
export async function proof(
  key: DpopKey,
  { method, url, accessToken, nonce }: ProofRequest,
  now: number,
): Promise<string> {
  // No await for a hash that is known: the signature is the only one that a request waits for.
  const ath =
    accessToken === undefined ? undefined : lastHash?.token === accessToken ? lastHash.hash : await hashOf(accessToken)
  const claims = {
    jti: crypto.randomUUID(),
    htm: method,
    htu: url.origin + url.pathname,
    iat: Math.floor(now / 1000),
    nonce,
    ath,
  }
  const input = `${headerOf(key)}.${encoded(claims)}`
  return `${input}.${base64url(await key.sign(encoder.encode(input)))}`
}
