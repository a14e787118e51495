import type { AuthorizationServer, Client as OAuthClient, TokenEndpointResponse } from 'oauth4webapi'
import { type Client, stateOf } from '../client/client.ts'
import type { IssuerMetadata } from '../client/discovery.ts'
import { AuthError, isAuthError } from '../errors.ts'
import { algorithmOf, checkIdToken, type IdTokenExpectations } from './id-token.ts'
import { clockAdvice, issuerNow } from './issuer-clock.ts'
import { issuerError } from './issuer-error.ts'
import { issuerFetch } from './issuer-fetch.ts'
import { jsonObject } from './json.ts'
import { hostOf } from './network-error.ts'
import { oauth } from './oauth.ts'
import { cleanedCause, showable } from './redact.ts'
import { retry } from './retry.ts'

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
    if (expected.signature) await checkSignature(client, metadata, { answer, response }, signal)
    return { answer, claims }
  } catch (error) {
    throw asAuthError(client, metadata, error)
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
    // The library reads the machine's clock.
    const self: OAuthClient = { client_id: client.clientId, [library.clockSkew]: Math.round((now - Date.now()) / 1000) }
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

const isTimeCheck = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'

async function checkSignature(
  client: Client,
  metadata: IssuerMetadata,
  { answer, response }: Processed,
  signal?: AbortSignal,
): Promise<void> {
  const library = await oauth()
  if (algorithmOf(answer).startsWith('HS')) {
    const why = `${client.issuer} signs ID tokens for this client with a shared secret (${showable(algorithmOf(answer))})`
    throw new AuthError('UNSUPPORTED', `${why}: set another id_token_signed_response_alg in its registration.`)
  }
  await library.validateApplicationLevelSignature(metadata as AuthorizationServer, response, {
    [library.customFetch]: (url: string) => keySet(client, url, signal),
    // Refused or let through in `issuerFetch`, which knows loopback.
    [library.allowInsecureRequests]: true,
  })
}

/** The issuer's keys (RFC 7517 section 5), within the bounds of every request to an issuer. */
async function keySet(client: Client, url: string, signal?: AbortSignal): Promise<Response> {
  const { access } = stateOf(client)
  const init = { headers: { accept: 'application/json, application/jwk-set+json' }, ...(signal && { signal }) }
  const answer = await retry(
    access.clock,
    async () => {
      const got = await issuerFetch(access, url, init)
      if (got.status !== 200) throw issuerError(got, "Reading the issuer's keys", access.clock.now())
      return got
    },
    signal,
  )
  if (Array.isArray(jsonObject(answer.text)?.['keys'])) {
    return new Response(answer.text, { headers: { 'content-type': 'application/json' } })
  }
  throw new AuthError('RESPONSE_INVALID', `What ${hostOf(url)} answers for the keys of ${client.issuer} is no key set.`)
}

/** oauth4webapi's faults, in one place. Its messages name members, never values; its causes hold the whole answer and are dropped. */
function asAuthError(client: Client, metadata: IssuerMetadata, error: unknown): AuthError {
  if (isAuthError(error)) return error
  const { message = 'it is not valid' } = error as { message?: string }
  const advice = isTimeCheck(error) ? clockAdvice(metadata) : 'Tell its operators if it stays so.'
  const text = `The token answer of ${client.issuer} was not accepted: ${showable(message)}. ${advice}`
  return new AuthError('RESPONSE_INVALID', text, { cause: cleanedCause(error, [], 1) })
}
