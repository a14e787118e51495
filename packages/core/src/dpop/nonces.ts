/** The nonces that servers want in proofs, by origin (RFC 9449 sections 8 and 9): the last one given counts. */
export interface Nonces {
  get(origin: string): string | undefined
  /** Takes the `DPoP-Nonce` of an answer, of a good one too. Gives whether it was another than the one known. */
  take(origin: string, nonce: string | null): boolean
}

// RFC 9449 section 8.1: NQCHAR. What is outside is none, and a server that sends megabytes is not kept.
const wellFormed = /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/

export function nonces(): Nonces {
  const known = new Map<string, string>()
  return {
    get: (origin) => known.get(origin),
    take: (origin, nonce) => {
      if (nonce === null || !wellFormed.test(nonce) || known.get(origin) === nonce) return false
      known.set(origin, nonce)
      return true
    },
  }
}
