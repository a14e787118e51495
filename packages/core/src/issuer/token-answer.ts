import type { AuthorizationServer, Client as OAuthClient, TokenEndpointResponse } from 'oauth4webapi'
import { type Client, stateOf } from '../client/client.ts'
import { AuthError, isAuthError } from '../errors.ts'
import type { TokenSet } from '../grants/grant.ts'
import { freezeToken } from '../token/token.ts'
import { checkIdToken, type IdTokenExpectations } from './id-token.ts'
import { issuerError } from './issuer-error.ts'
import { issuerFetch } from './issuer-fetch.ts'
import { jsonObject, textOf } from './json.ts'
import { oauth } from './oauth.ts'
import { showable } from './redact.ts'
import { repaired, tokenRepairs } from './repairs.ts'

/** What a token answer must agree with. */
export interface AnswerExpectations extends IdTokenExpectations {
  /** Epoch milliseconds of receipt: expiry counts from here. */
  readonly receivedAt: number
  /** What was asked for: granted where the answer names no scope (RFC 6749 section 5.1). */
  readonly scope?: string | undefined
  /** Whether the signature of an ID token is checked too: at login, and wherever TLS cannot stand in for it. */
  readonly signature: boolean
}

/** The refresh token in a raw answer, found even where the rest of it is worth nothing. */
export function refreshTokenIn(text: string): string | undefined {
  return textOf(jsonObject(text), 'refresh_token')
}

/**
 * A raw 2xx answer of a token endpoint as a {@link TokenSet}, with every check of RFC 6749 section 5.1 and OpenID
 * Connect Core section 3.1.3.7.
 *
 * @throws `RESPONSE_INVALID`; what `issuerError` makes of an error in a 200; while keys are fetched also `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`
 */
export async function tokenSetOf(
  client: Client,
  text: string,
  expected: AnswerExpectations,
  signal?: AbortSignal,
): Promise<TokenSet> {
  const metadata = await client.metadata({ signal })
  const members = jsonObject(text)
  if (members === undefined) throw invalid(client, 'is no JSON object')
  if (members['error'] !== undefined && members['access_token'] === undefined) {
    const answer = {
      url: metadata.token_endpoint ?? client.issuer,
      status: 200,
      headers: new Headers(),
      text,
      secrets: [],
    }
    throw issuerError(answer, 'The token request', expected.receivedAt)
  }
  const { answer, claims } = await processed(client, repaired(members, tokenRepairs), expected, signal)
  if (answer.token_type === 'dpop') throw invalid(client, 'gives a DPoP token where none was asked for')
  const scope = answer.scope ?? expected.scope
  const expiresAt = answer.expires_in === undefined ? {} : { expiresAt: expected.receivedAt + answer.expires_in * 1000 }
  const granted = scope === undefined ? {} : { scope }
  return {
    token: freezeToken({ accessToken: answer.access_token, tokenType: answer.token_type, ...expiresAt, ...granted }),
    ...(answer.refresh_token !== undefined && { refreshToken: answer.refresh_token }),
    ...granted,
    ...(claims !== undefined && { idTokenClaims: Object.freeze({ ...claims }) }),
  }
}

function invalid(client: Client, why: string): AuthError {
  return new AuthError('RESPONSE_INVALID', `The token answer of ${client.issuer} ${why}.`)
}

interface Processed {
  readonly answer: TokenEndpointResponse
  readonly claims: Readonly<Record<string, unknown>> | undefined
}

async function processed(
  client: Client,
  members: Readonly<Record<string, unknown>>,
  expected: AnswerExpectations,
  signal?: AbortSignal,
): Promise<Processed> {
  const metadata = (await client.metadata({ signal })) as AuthorizationServer
  const library = await oauth()
  const { access } = stateOf(client)
  const response = new Response(JSON.stringify(members), { headers: { 'content-type': 'application/json' } })
  // The library reads the machine's clock; ours may be another.
  const skew = Math.round((access.clock.now() - Date.now()) / 1000)
  const self: OAuthClient = { client_id: client.clientId, [library.clockSkew]: skew }
  try {
    const answer = await library.processGenericTokenEndpointResponse(metadata, self, response)
    const claims = library.getValidatedIdTokenClaims(answer)
    if (claims === undefined) return { answer, claims }
    await checkIdToken(claims, answer, client, expected)
    if (expected.signature) {
      const fetchKeys = async (
        url: string,
        { headers, signal }: { headers: Record<string, string>; signal?: AbortSignal | undefined },
      ): Promise<Response> => {
        const got = await issuerFetch(access, url, { headers, ...(signal && { signal }) })
        if (got.status !== 200) throw issuerError(got, 'Fetching the keys', access.clock.now())
        return new Response(got.text, { headers: { 'content-type': 'application/json' } })
      }
      const options = {
        [library.customFetch]: fetchKeys,
        [library.allowInsecureRequests]: true,
        ...(signal && { signal }),
      }
      await library.validateApplicationLevelSignature(metadata, response, options)
    }
    return { answer, claims }
  } catch (error) {
    throw asAuthError(client, error)
  }
}

/** oauth4webapi's faults, in one place. Its messages name members, never values; its causes hold the whole answer and are dropped. */
function asAuthError(client: Client, error: unknown): AuthError {
  if (isAuthError(error)) return error
  const { message = 'is not valid' } = error as { message?: string }
  return invalid(client, `was not accepted: ${showable(message)}`)
}
