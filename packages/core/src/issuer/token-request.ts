import type { Client } from '../client/client.ts'
import { stateOf } from '../client/client.ts'
import type { IssuerMetadata } from '../client/discovery.ts'
import { AuthError } from '../errors.ts'
import type { TokenRequest } from '../store/variant.ts'
import { issuerError } from './issuer-error.ts'
import { issuerFetch, type RawAnswer } from './issuer-fetch.ts'

/** Parameters of a request that the standards do not name. */
export type ExtraParameters = Readonly<Record<string, string>>

/** The form of a request: `scope` as one word list, `audience` and `resource` once each value (RFC 8693, RFC 8707). */
export function formOf(
  fixed: ExtraParameters,
  request: TokenRequest = {},
  extra: ExtraParameters = {},
): URLSearchParams {
  const form = new URLSearchParams({ ...extra, ...fixed })
  if (request.scope) form.set('scope', request.scope)
  for (const name of ['audience', 'resource'] as const) {
    const value = request[name]
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) form.append(name, one)
  }
  return form
}

/** Where a client sends what, by the name of its metadata. */
type Endpoint = 'token_endpoint' | 'device_authorization_endpoint' | 'revocation_endpoint'

/** One POST of a client to an endpoint of its issuer, authenticated; any status is an answer. */
export async function postForm(
  client: Client,
  endpoint: Endpoint,
  form: URLSearchParams,
  signal?: AbortSignal,
): Promise<RawAnswer> {
  const { access, authenticate } = stateOf(client)
  const metadata = await client.metadata({ signal })
  const url = endpointOf(metadata, endpoint)
  const headers = new Headers({ accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' })
  const body = new URLSearchParams(form)
  await authenticate({ metadata, clientId: client.clientId, body, headers })
  const init = { method: 'POST', headers, body, ...(signal && { signal }) } as RequestInit
  return issuerFetch(access, url, init)
}

function endpointOf(metadata: IssuerMetadata, endpoint: Endpoint): string {
  const url = metadata[endpoint]
  if (typeof url === 'string') return url
  throw new AuthError('UNSUPPORTED', `${metadata.issuer} offers no ${endpoint.replaceAll('_', ' ')}.`)
}

/**
 * One request to the token endpoint (RFC 6749 section 3.2); gives the body of a 2xx answer, unparsed.
 *
 * @throws what `issuerError` makes of any other answer
 */
export async function tokenRequest(client: Client, form: URLSearchParams, signal?: AbortSignal): Promise<RawAnswer> {
  const answer = await postForm(client, 'token_endpoint', form, signal)
  if (answer.status >= 200 && answer.status < 300) return answer
  const what = `The ${grantName(form.get('grant_type'))} grant`
  throw issuerError(answer, what, stateOf(client).access.clock.now())
}

/** `urn:ietf:params:oauth:grant-type:device_code` is "device code". */
function grantName(grantType: string | null): string {
  return (grantType ?? '').replace(/^.*:/, '').replaceAll(/[_-]/g, ' ')
}
