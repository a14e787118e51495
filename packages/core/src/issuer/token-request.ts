import { abandonable, type Client, stateOf } from '../client/client.ts'
import { provesByCertificate } from '../client/client-authentication.ts'
import type { IssuerMetadata } from '../client/discovery.ts'
import type { DpopKey } from '../dpop/dpop-key.ts'
import { proof } from '../dpop/proof.ts'
import { AuthError, type IssuerError } from '../errors.ts'
import type { TokenRequest } from '../store/variant.ts'
import { issuerNow, noteTime } from './issuer-clock.ts'
import { issuerError, type Meanings } from './issuer-error.ts'
import { issuerFetch, type RawAnswer } from './issuer-fetch.ts'
import { demandsNonce, issuerNonces } from './issuer-nonces.ts'
import { jsonObject, textOf } from './json.ts'

/** Parameters of a request that the standards do not name. */
export type ExtraParameters = Readonly<Record<string, string>>

/**
 * The form of a request: `scope` as one word list, `audience` and `resource` once each value (RFC 8693, RFC 8707;
 * INDIGO IAM reads the first alone: several audiences go there as one value, with blanks between). What is fixed
 * replaces an extra parameter of the same name.
 */
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
type Endpoint =
  | 'token_endpoint'
  | 'device_authorization_endpoint'
  | 'backchannel_authentication_endpoint'
  | 'pushed_authorization_request_endpoint'
  | 'revocation_endpoint'
  | 'introspection_endpoint'
  | 'userinfo_endpoint'

/** How a form is sent. */
export interface PostOptions {
  readonly signal?: AbortSignal | undefined
  /** Proves possession of this key, and asks for tokens bound to it (RFC 9449 section 5). */
  readonly dpopKey?: DpopKey | undefined
}

/**
 * One POST of a client to an endpoint of its issuer, authenticated; any status is an answer.
 *
 * @throws `UNSUPPORTED` where the issuer names no such endpoint, what `metadata` and `issuerFetch` throw, and what the client authentication throws
 */
export async function postForm(
  client: Client,
  endpoint: Endpoint,
  form: URLSearchParams,
  options: PostOptions = {},
): Promise<RawAnswer> {
  const metadata = await client.metadata({ signal: options.signal })
  const url = endpointOf(client, metadata, endpoint)
  const answer = await sent(client, { url, form, metadata }, options)
  if (options.dpopKey === undefined) return answer
  // RFC 9449 section 8: the nonce that is wanted comes with the refusal.
  const another = issuerNonces(metadata).take(new URL(url).origin, answer.headers.get('dpop-nonce'))
  return another && demandsNonce(answer) ? sent(client, { url, form, metadata }, options) : answer
}

interface Posted {
  readonly url: string
  readonly form: URLSearchParams
  readonly metadata: IssuerMetadata
}

async function sent(
  client: Client,
  { url, form, metadata }: Posted,
  { signal, dpopKey }: PostOptions,
): Promise<RawAnswer> {
  const { access, authenticate } = stateOf(client)
  const headers = new Headers({ accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' })
  const body = new URLSearchParams(form)
  const now = issuerNow(metadata, access.clock)
  const authenticated = Promise.resolve(authenticate({ metadata, clientId: client.clientId, body, headers, now }))
  await abandonable(authenticated, signal)
  if (dpopKey !== undefined) {
    const nonce = issuerNonces(metadata).get(new URL(url).origin)
    headers.set('dpop', await proof(dpopKey, { method: 'POST', url: new URL(url), nonce }, now))
  }
  const answer = await issuerFetch(access, url, { method: 'POST', headers, body, ...(signal && { signal }) })
  noteTime(metadata, answer.headers, access.clock)
  return answer
}

/** Where an issuer takes what: under another address from a client with a certificate, where it says so (RFC 8705 section 5). */
export function endpointOf(client: Client, metadata: IssuerMetadata, endpoint: Endpoint): string {
  const aliases = provesByCertificate(stateOf(client).authenticate) ? metadata['mtls_endpoint_aliases'] : undefined
  const alias = (aliases as Readonly<Record<string, unknown>> | null | undefined)?.[endpoint]
  const url = typeof alias === 'string' ? alias : metadata[endpoint]
  if (typeof url === 'string') return url
  throw new AuthError('UNSUPPORTED', `${metadata.issuer} offers no ${endpoint.replaceAll('_', ' ')}.`)
}

/**
 * One request to the token endpoint (RFC 6749 section 3.2); gives the 2xx answer, unparsed.
 *
 * @throws what `postForm` throws, and what {@link tokenRefusal} makes of any other answer
 */
export async function tokenRequest(
  client: Client,
  form: URLSearchParams,
  options: PostOptions = {},
): Promise<RawAnswer> {
  const answer = await postForm(client, 'token_endpoint', form, options)
  if (isGranted(answer)) return answer
  throw tokenRefusal(client, form, answer)
}

/** Whether an answer brings tokens, or at least does not say otherwise: GitHub and others refuse with 200. */
export function isGranted({ status, text }: RawAnswer): boolean {
  if (status < 200 || status > 299) return false
  const body = jsonObject(text)
  const brings = ['access_token', 'refresh_token'].some((name) => textOf(body, name) !== undefined)
  return brings || textOf(body, 'error') === undefined
}

// A word means another thing where no person was asked, or where the code is what was refused.
const meanings: Readonly<Record<string, Meanings>> = {
  // INDIGO IAM's `invalid_token`; lico's `access_denied` for a client that it does not know.
  refresh_token: { invalid_token: 'LOGIN_REQUIRED', access_denied: 'CONFIG_INVALID' },
  client_credentials: { invalid_grant: 'CONFIG_INVALID', access_denied: 'CONFIG_INVALID' },
  // A code lives for a minute or two, and once.
  authorization_code: { invalid_grant: 'LOGIN_EXPIRED' },
  // The name or the password.
  password: { invalid_grant: 'LOGIN_DENIED' },
  // Nobody is asked: what is refused is the assertion.
  'urn:ietf:params:oauth:grant-type:jwt-bearer': { invalid_grant: 'CONFIG_INVALID', access_denied: 'CONFIG_INVALID' },
  // RFC 8693 section 2.2.2; INDIGO IAM says `invalid_token` of a subject token that has ended.
  'urn:ietf:params:oauth:grant-type:token-exchange': {
    invalid_token: 'LOGIN_REQUIRED',
    invalid_request: 'CONFIG_INVALID',
    access_denied: 'CONFIG_INVALID',
  },
  'urn:openid:params:grant-type:ciba': { invalid_grant: 'LOGIN_EXPIRED', transaction_failed: 'LOGIN_DENIED' },
  // What INDIGO IAM says of a device code that has expired, the second time.
  'urn:ietf:params:oauth:grant-type:device_code': { invalid_grant: 'LOGIN_EXPIRED' },
}

/** A token endpoint's refusal, with the words of its grant. */
export function tokenRefusal(client: Client, form: URLSearchParams, answer: RawAnswer): IssuerError {
  const grantType = form.get('grant_type') ?? ''
  // `urn:ietf:params:oauth:grant-type:device_code` is "device code".
  const name = grantType.replace(/^.*:/, '').replaceAll(/[_-]/g, ' ')
  return issuerError(answer, `The ${name} grant`, stateOf(client).access.clock.now(), { meanings: meanings[grantType] })
}
