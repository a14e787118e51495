import { type Clock, systemClock } from '../clock.ts'
import type { DpopToken } from '../dpop/dpop-key.ts'
import { nonces } from '../dpop/nonces.ts'
import { proof } from '../dpop/proof.ts'
import type { TokenSource } from '../token/token-source.ts'
import type { Answer, Authorizer } from './authorizer.ts'
import { type Carrier, carry } from './carrier.ts'
import { parseChallenges } from './challenges.ts'
import { headerValue } from './header-value.ts'
import { heldTokens } from './held-tokens.ts'
import { originTest, parseOrigins } from './origins.ts'

/** How proofs are made. */
export interface DpopOptions {
  /** Dates proofs; default the machine's clock. */
  readonly clock?: Clock | undefined
}

/** RFC 9449 section 9; some servers write it in capitals. */
function demandsNonce(answer: Answer): boolean {
  const challenges = parseChallenges(answer.header('www-authenticate'))
  return challenges.some(
    ({ scheme, parameters }) => scheme === 'dpop' && /^use_dpop_nonce$/i.test(parameters['error'] ?? ''),
  )
}

/**
 * Sends a source's token to its origins with a proof for each request and hop (RFC 9449 section 7): bound to method,
 * address and token. Nonces are taken from every answer, good ones too, and kept by origin; a demand for one sends the
 * request again, once. All else is as with `bearer`.
 *
 * @param source gives tokens with their key: `session({ …, dpop: true })`
 * @param origins where token and proofs may go: https, or http on loopback
 * @throws `CONFIG_INVALID` for what is no origin
 */
export function dpop(
  source: TokenSource<DpopToken>,
  origins: string | readonly string[],
  options: DpopOptions = {},
): Authorizer {
  const { clock = systemClock } = options
  const allowed = parseOrigins(origins)
  const serves = originTest(allowed)
  const known = nonces()
  const hold = heldTokens<DpopToken, string>(({ token }) => headerValue(`DPoP ${token.accessToken}`))
  const carrier: Carrier<DpopToken> = {
    source,
    clock,
    hold,
    headers: async ({ token }, hop) => {
      if (hop === undefined) throw new TypeError('A proof is for one hop.')
      const { method, url } = hop
      const { accessToken } = token
      const made = await proof(token.key, { method, url, accessToken, nonce: known.get(url.origin) }, clock.now())
      return { authorization: hold(token).worn, dpop: made }
    },
    wantsAnew: (answer, hop) => {
      const another = hop !== undefined && known.take(hop.url.origin, answer.header('dpop-nonce'))
      return another && answer.status === 401 && demandsNonce(answer)
    },
  }
  const authorize: Authorizer = async (hop) => {
    if (!serves(hop.url)) return undefined
    const token = await source.getToken(hop.signal === undefined ? undefined : { signal: hop.signal })
    return carry(carrier, { held: hold(token), hop, used: [] })
  }
  return Object.assign(authorize, { origins: allowed })
}
