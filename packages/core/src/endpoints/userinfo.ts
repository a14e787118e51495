import type { AuthorizationServer } from 'oauth4webapi'
import { headerValue } from '../authorizer/header-value.ts'
import { type Client, stateOf } from '../client/client.ts'
import type { IssuerMetadata } from '../client/discovery.ts'
import type { DpopToken } from '../dpop/dpop-key.ts'
import { proof } from '../dpop/proof.ts'
import { AuthError } from '../errors.ts'
import { jwtAlgorithm } from '../issuer/id-token.ts'
import { issuerNow } from '../issuer/issuer-clock.ts'
import { issuerError } from '../issuer/issuer-error.ts'
import { issuerFetch, type RawAnswer } from '../issuer/issuer-fetch.ts'
import { demandsNonce, issuerNonces } from '../issuer/issuer-nonces.ts'
import { jsonObject } from '../issuer/json.ts'
import { libraryClient } from '../issuer/library-client.ts'
import { libraryError } from '../issuer/library-error.ts'
import { oauth } from '../issuer/oauth.ts'
import { checkSignature, type SignedKind } from '../issuer/signature.ts'
import { endpointOf } from '../issuer/token-request.ts'
import { freezeToken, type Token } from '../token/token.ts'

/** How an issuer is asked about a person. */
export interface UserinfoOptions {
  /**
   * `sub` of the login's ID token: an answer about anybody else is refused (OpenID Connect Core section 5.3.4).
   * `undefined` only where there was no ID token.
   */
  readonly subject: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What an issuer says of a person (OpenID Connect Core section 5.1), under its names. */
export interface Userinfo extends Readonly<Record<string, unknown>> {
  readonly sub: string
}

/**
 * What the issuer says of the person whose token it is (OpenID Connect Core section 5.3): by GET, with the token in the
 * header and, for a token of a key, a proof (RFC 9449). JSON, or a JWT whose signature, issuer and audience are checked.
 *
 * @param token as a source gives it, or the text of a bearer token
 * @throws `TOKEN_REFUSED` when the issuer does not take the token, `CONFIG_INVALID` when the token lacks the scope `openid`, `UNSUPPORTED` when the issuer has no such endpoint, `RESPONSE_INVALID`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `ABORTED`
 */
export async function userinfo(
  client: Client,
  token: string | Token | DpopToken,
  { subject, signal }: UserinfoOptions,
): Promise<Userinfo> {
  const metadata = await client.metadata({ signal })
  const held = typeof token === 'string' ? freezeToken({ accessToken: token, tokenType: 'Bearer' }) : token
  const answer = await asked(client, metadata, held, signal)
  if (answer.status !== 200) throw refusal(client, answer)
  const isJwt = /^application\/jwt\b/i.test(answer.headers.get('content-type') ?? '')
  const claims = isJwt ? await claimsIn(client, metadata, answer, signal) : jsonObject(answer.text)
  const { sub } = claims ?? {}
  if (typeof sub !== 'string' || sub === '') throw invalid(client, 'names nobody (sub)')
  if (subject !== undefined && sub !== subject) throw invalid(client, 'is about another person than the login (sub)')
  return Object.freeze({ ...claims, sub })
}

async function asked(client: Client, metadata: IssuerMetadata, token: Token, signal?: AbortSignal): Promise<RawAnswer> {
  const { access } = stateOf(client)
  const url = new URL(endpointOf(client, metadata, 'userinfo_endpoint'))
  const nonces = issuerNonces(metadata)
  const send = async (): Promise<RawAnswer> => {
    const headers = new Headers({ accept: 'application/json, application/jwt' })
    headers.set('authorization', headerValue(`${token.tokenType} ${token.accessToken}`))
    if ('key' in token) {
      const request = { method: 'GET', url, accessToken: token.accessToken, nonce: nonces.get(url.origin) }
      headers.set('dpop', await proof((token as DpopToken).key, request, issuerNow(metadata, access.clock)))
    }
    return issuerFetch(access, url.href, { headers, ...(signal && { signal }) })
  }
  const answer = await send()
  const another = 'key' in token && nonces.take(url.origin, answer.headers.get('dpop-nonce'))
  return another && demandsNonce(answer) ? send() : answer
}

function refusal(client: Client, answer: RawAnswer): AuthError {
  const { status } = answer
  const lacks = status === 403
  return issuerError(answer, 'The request for userinfo', stateOf(client).access.clock.now(), {
    meanings: {
      invalid_token: 'TOKEN_REFUSED',
      unauthorized: 'TOKEN_REFUSED',
      insufficient_scope: 'CONFIG_INVALID',
    },
    otherwise: status === 401 ? 'TOKEN_REFUSED' : lacks ? 'CONFIG_INVALID' : undefined,
    // INDIGO IAM answers 403 with a page of HTML.
    advice: lacks ? 'Log in with the scope openid.' : status === 401 ? 'Renew the token, or log in again.' : undefined,
  })
}

const kind: SignedKind = { name: 'userinfo', setting: 'userinfo_signed_response_alg' }

/** The claims of a signed answer (OpenID Connect Core section 5.3.2). */
async function claimsIn(
  client: Client,
  metadata: IssuerMetadata,
  { text }: RawAnswer,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const library = await oauth()
  const { clock } = stateOf(client).access
  try {
    const response = new Response(text, { headers: { 'content-type': 'application/jwt' } })
    const self = await libraryClient({ clientId: client.clientId, now: issuerNow(metadata, clock) })
    const server = { ...metadata, userinfo_signing_alg_values_supported: algorithms(metadata) } as AuthorizationServer
    const claims = await library.processUserInfoResponse(server, self, library.skipSubjectCheck, response)
    await checkSignature(client, { response, algorithm: jwtAlgorithm(text), of: kind }, signal)
    return claims
  } catch (error) {
    throw libraryError(error, metadata, `The userinfo answer of ${client.issuer}`)
  }
}

/** What the issuer lists, or what it signs ID tokens with; unsigned ones are taken from nobody. */
function algorithms(metadata: IssuerMetadata): readonly string[] {
  const lists = ['userinfo_signing_alg_values_supported', 'id_token_signing_alg_values_supported']
  const listed = lists.map((name) => metadata[name]).find((list) => Array.isArray(list)) as
    | readonly unknown[]
    | undefined
  return (listed ?? ['RS256']).filter((one) => typeof one === 'string').filter((one) => one.toLowerCase() !== 'none')
}

function invalid(client: Client, why: string): AuthError {
  return new AuthError('RESPONSE_INVALID', `The userinfo answer of ${client.issuer} ${why}; it was not accepted.`)
}
