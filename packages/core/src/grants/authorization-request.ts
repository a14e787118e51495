import type { AuthorizationServer } from 'oauth4webapi'
import { type Client, stateOf } from '../client/client.ts'
import { signingKeyOf } from '../client/client-authentication.ts'
import type { IssuerMetadata } from '../client/discovery.ts'
import { type PrivateKey, type SigningKey, signingKeyFrom } from '../client/private-key.ts'
import { AuthError } from '../errors.ts'
import { issuerNow } from '../issuer/issuer-clock.ts'
import { issuerError } from '../issuer/issuer-error.ts'
import { isAllowedUrl } from '../issuer/issuer-fetch.ts'
import { jsonObject, textOf } from '../issuer/json.ts'
import { libraryClient } from '../issuer/library-client.ts'
import { oauth } from '../issuer/oauth.ts'
import { postForm } from '../issuer/token-request.ts'

/** What is longer is no address that a person could be shown. */
const longestUri = 2048

/** How the parameters of a login reach the issuer. */
export interface RequestDelivery {
  /** By the back channel first (RFC 9126); default: where the issuer requires it. */
  readonly par?: boolean | undefined
  /** Signs them (RFC 9101); default: the key the client authenticates with, where the issuer requires signed requests. */
  readonly requestKey?: PrivateKey | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The address to send a person to (RFC 6749 section 4.1.1): with the parameters, or with a signed object (RFC 9101) or a
 * reference (RFC 9126) in their place.
 *
 * @throws `UNSUPPORTED` where the issuer has no endpoint for it, `RESPONSE_INVALID` for an address that is no https one, `CONFIG_INVALID` where a signature is required and there is no key, and what `postForm` throws
 */
export async function authorizationUrl(
  client: Client,
  parameters: URLSearchParams,
  delivery: RequestDelivery,
): Promise<string> {
  const metadata = await client.metadata({ signal: delivery.signal })
  const endpoint = authorizationEndpoint(client, metadata)
  const key = await requestKeyOf(client, metadata, delivery.requestKey)
  const shown = key === undefined ? parameters : await signedRequest(client, metadata, parameters, key)
  const pushes = delivery.par ?? metadata['require_pushed_authorization_requests'] === true
  const sent = pushes ? await pushed(client, shown, delivery.signal) : shown
  for (const [name, value] of sent) endpoint.searchParams.append(name, value)
  return endpoint.href
}

function authorizationEndpoint(client: Client, metadata: IssuerMetadata): URL {
  const { issuer, authorization_endpoint: endpoint } = metadata
  if (typeof endpoint !== 'string') throw new AuthError('UNSUPPORTED', `${issuer} offers no authorization endpoint.`)
  // A browser is about to be sent there: never to `javascript:`, `file:` and their like.
  if (endpoint.length <= longestUri && isAllowedUrl(endpoint, stateOf(client).access.http)) return new URL(endpoint)
  throw new AuthError(
    'RESPONSE_INVALID',
    `The authorization endpoint of ${issuer} is no https address of less than 2 kB.`,
  )
}

async function requestKeyOf(
  client: Client,
  metadata: IssuerMetadata,
  given: PrivateKey | undefined,
): Promise<SigningKey | undefined> {
  if (given !== undefined) return signingKeyFrom(given)
  if (metadata['require_signed_request_object'] !== true) return undefined
  const own = signingKeyOf(stateOf(client).authenticate)
  if (own !== undefined) return own
  const advice = "give authorizationCode a requestKey that is in the client's registration"
  throw new AuthError('CONFIG_INVALID', `${metadata.issuer} wants the request for a login signed: ${advice}.`)
}

/** The parameters as a signed object: nothing else of them goes through the browser. */
async function signedRequest(
  client: Client,
  metadata: IssuerMetadata,
  parameters: URLSearchParams,
  key: SigningKey,
): Promise<URLSearchParams> {
  const library = await oauth()
  const { clientId } = client
  const now = issuerNow(metadata, stateOf(client).access.clock)
  try {
    const self = await libraryClient({ clientId, now })
    const audiences = parameters.getAll('audience')
    const request = await library.issueRequestObject(metadata as AuthorizationServer, self, parameters, key, {
      [library.modifyAssertion]: (_: unknown, claims: Record<string, unknown>) => {
        // The library keeps the last value of what it does not know to be a list.
        if (audiences.length > 1) claims['audience'] = audiences
      },
    })
    return new URLSearchParams({ client_id: clientId, request })
  } catch {
    throw new AuthError('CONFIG_INVALID', `The key for requests to ${metadata.issuer} cannot sign: give a private one.`)
  }
}

/** Pushes the parameters (RFC 9126 section 2); gives the reference to them. */
async function pushed(client: Client, parameters: URLSearchParams, signal?: AbortSignal): Promise<URLSearchParams> {
  const answer = await postForm(client, 'pushed_authorization_request_endpoint', parameters, { signal })
  const reference = textOf(jsonObject(answer.text), 'request_uri')
  if (answer.status >= 200 && answer.status <= 299 && reference !== undefined && reference.length <= longestUri) {
    return new URLSearchParams({ client_id: client.clientId, request_uri: reference })
  }
  throw issuerError(answer, 'The request for a login', stateOf(client).access.clock.now(), {
    meanings: { invalid_request: 'CONFIG_INVALID', invalid_request_object: 'CONFIG_INVALID' },
  })
}
