import { base64url } from '../token/base64url.ts'

/** A proof key (RFC 7636). */
export interface ProofKey {
  readonly verifier: string
  readonly challenge: string
}

/** A new proof key: 256 bits, challenge by S256 (RFC 7636 section 4). */
export async function proofKey(): Promise<ProofKey> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return { verifier, challenge: base64url(new Uint8Array(digest)) }
}
