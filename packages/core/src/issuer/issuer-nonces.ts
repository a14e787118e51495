import { parseChallenges } from '../authorizer/challenges.ts'
import type { IssuerMetadata } from '../client/discovery.ts'
import { type Nonces, nonces } from '../dpop/nonces.ts'
import type { RawAnswer } from './issuer-fetch.ts'
import { jsonObject, textOf } from './json.ts'

// By the document, like the issuer's clock: one set for all clients of one issuer.
const byIssuer = new WeakMap<IssuerMetadata, Nonces>()

/** The nonces an issuer wants in proofs. */
export function issuerNonces(metadata: IssuerMetadata): Nonces {
  const known = byIssuer.get(metadata) ?? nonces()
  byIssuer.set(metadata, known)
  return known
}

/** `use_dpop_nonce` (RFC 9449 section 8), in the body or the challenge, in lower or upper case. */
export function demandsNonce({ status, text, headers }: RawAnswer): boolean {
  if (status !== 400 && status !== 401) return false
  const challenges = parseChallenges(headers.get('www-authenticate')).map(({ parameters }) => parameters['error'])
  return [textOf(jsonObject(text), 'error'), ...challenges].some((error) => error?.toLowerCase() === 'use_dpop_nonce')
}
