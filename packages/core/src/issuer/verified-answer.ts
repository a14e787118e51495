import type { AuthorizationServer, TokenEndpointResponse } from 'oauth4webapi'
import { type Client, stateOf } from '../client/client.ts'
import type { IssuerMetadata } from '../client/discovery.ts'
import { algorithmOf, checkIdToken, type IdTokenExpectations } from './id-token.ts'
import { issuerNow } from './issuer-clock.ts'
import { libraryClient } from './library-client.ts'
import { isTimeCheck, libraryError } from './library-error.ts'
import { oauth } from './oauth.ts'
import { checkSignature, type SignedKind } from './signature.ts'

/** What a token answer must agree with before its tokens count. */
export interface Verification extends IdTokenExpectations {
  /** Whether the signature of an ID token is checked too: at login, and wherever TLS cannot stand in for it. */
  readonly signature: boolean
}

/** A token answer that holds, and the claims of its ID token where it has one. */
export interface VerifiedAnswer {
  readonly answer: TokenEndpointResponse
  readonly claims: Readonly<Record<string, unknown>> | undefined
}

const idTokens: SignedKind = { name: 'ID tokens', setting: 'id_token_signed_response_alg' }

type Members = Readonly<Record<string, unknown>>

/**
 * A repaired token answer with every check of RFC 6749 section 5.1 and OpenID Connect Core section 3.1.3.7.
 *
 * @throws `RESPONSE_INVALID`; `UNSUPPORTED` for an ID token signed with a shared secret; while keys are fetched also `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `ABORTED`
 */
export async function verifiedAnswer(
  client: Client,
  members: Members,
  expected: Verification,
  signal?: AbortSignal,
): Promise<VerifiedAnswer> {
  const metadata = await client.metadata({ signal })
  const library = await oauth()
  try {
    const { answer, response } = await processed(client, metadata, members)
    const claims = library.getValidatedIdTokenClaims(answer)
    if (claims === undefined) return { answer, claims }
    await checkIdToken(claims, answer, client, expected)
    if (expected.signature)
      await checkSignature(client, { response, algorithm: algorithmOf(answer), of: idTokens }, signal)
    return { answer, claims }
  } catch (error) {
    throw libraryError(error, metadata, `The token answer of ${client.issuer}`)
  }
}

interface Processed {
  readonly answer: TokenEndpointResponse
  readonly response: Response
}

/** By our clock, or by the issuer's where the two are known to differ: a wrong clock must not keep a person out. */
async function processed(client: Client, metadata: IssuerMetadata, members: Members): Promise<Processed> {
  const library = await oauth()
  const { clock } = stateOf(client).access
  const at = async (now: number): Promise<Processed> => {
    const response = new Response(JSON.stringify(members), { headers: { 'content-type': 'application/json' } })
    const self = await libraryClient({ clientId: client.clientId, now })
    const answer = await library.processGenericTokenEndpointResponse(metadata as AuthorizationServer, self, response)
    return { answer, response }
  }
  const theirs = issuerNow(metadata, clock)
  try {
    return await at(clock.now())
  } catch (error) {
    if (!isTimeCheck(error) || theirs === clock.now()) throw error
    return at(theirs)
  }
}
