import { AuthError, aborted, isAuthError } from '../errors.ts'
import { issuerError } from '../issuer/issuer-error.ts'
import { type IssuerAccess, issuerFetch, type RawAnswer } from '../issuer/issuer-fetch.ts'
import { jsonObject, textOf } from '../issuer/json.ts'
import { showable } from '../issuer/redact.ts'
import { retry } from '../issuer/retry.ts'
import { normalizeIssuer } from '../store/login-key.ts'

/** What an issuer says about itself (RFC 8414 section 2), under the names of the RFC. */
export interface IssuerMetadata {
  /** As the issuer spells it: `iss` of its ID tokens is compared with this. */
  readonly issuer: string
  readonly token_endpoint?: string
  readonly device_authorization_endpoint?: string
  readonly authorization_endpoint?: string
  readonly revocation_endpoint?: string
  readonly jwks_uri?: string
  readonly [name: string]: unknown
}

/** OpenID Connect Discovery section 4 appends to the path; RFC 8414 section 3 puts its own before it. */
function addresses(issuer: string): readonly string[] {
  const base = normalizeIssuer(issuer)
  const url = new URL(base)
  const path = url.pathname.replace(/(?<!\/)\/+$/, '')
  return [`${base}/.well-known/openid-configuration`, `${url.origin}/.well-known/oauth-authorization-server${path}`]
}

/**
 * The metadata of an issuer: OpenID Connect discovery first, RFC 8414 where that brings no metadata. Up to three
 * attempts each while the network or the server fails.
 *
 * @throws `DISCOVERY_FAILED`, with what it failed by as cause; `ABORTED`
 */
export async function discover(access: IssuerAccess, issuer: string, signal?: AbortSignal): Promise<IssuerMetadata> {
  const [openid, oauth] = addresses(issuer) as [string, string]
  try {
    const found = await documentAt(access, openid, signal)
    if (found.document !== undefined) return checked(found.document, openid, issuer)
    const other = await documentAt(access, oauth, signal)
    if (other.document !== undefined) return checked(other.document, oauth, issuer)
    throw found.failure
  } catch (error) {
    if (signal?.aborted) throw aborted(signal)
    if (!isAuthError(error)) throw error
    const message = `The metadata of ${issuer} could not be read. ${error.message}`
    throw new AuthError('DISCOVERY_FAILED', message, { cause: error })
  }
}

type Document = Readonly<Record<string, unknown>> & { readonly issuer: string }

/** What stands at an address: metadata, or why there is none (which another address may make good). */
type Found =
  | { readonly document: Document; readonly failure?: undefined }
  | { readonly document?: undefined; readonly failure: AuthError }

async function documentAt(access: IssuerAccess, url: string, signal?: AbortSignal): Promise<Found> {
  const init = { headers: { accept: 'application/json' }, ...(signal && { signal }) }
  const answer = await retry(
    access.clock,
    async () => {
      const got = await issuerFetch(access, url, init)
      if (got.status >= 500 || got.status === 429) throw issuerError(got, 'Discovery', access.clock.now())
      return got
    },
    signal,
  )
  const document = answer.status === 200 ? jsonObject(answer.text) : undefined
  const issuer = textOf(document, 'issuer')
  if (issuer !== undefined) return { document: { ...document, issuer } }
  return { failure: nothingAt(url, answer, access.clock.now()) }
}

function nothingAt(url: string, answer: RawAnswer, now: number): AuthError {
  const advice = "Check the issuer's address."
  if (answer.status === 404) return new AuthError('DISCOVERY_FAILED', `There is none at ${url}. ${advice}`)
  if (answer.status !== 200) return issuerError(answer, 'Discovery', now)
  return new AuthError('DISCOVERY_FAILED', `What ${url} answers is no issuer metadata. ${advice}`)
}

/** RFC 8414 section 3.3: the document must name the issuer that was asked for. */
function checked(document: Document, url: string, issuer: string): IssuerMetadata {
  if (isNamed(document.issuer, issuer)) return Object.freeze(withoutNone(document))
  const named = showable(document.issuer)
  const advice = 'Use that as the issuer if it is the one you mean.'
  throw new AuthError('DISCOVERY_FAILED', `${url} speaks for another issuer, ${named}. ${advice}`)
}

/** Exact but for a trailing slash, which INDIGO IAM adds, and for what `URL` makes of the address that a person typed. */
function isNamed(named: string, asked: string): boolean {
  return [asked, new URL(asked).href].some((spelling) => normalizeIssuer(spelling) === normalizeIssuer(named))
}

/** An unsigned ID token is accepted by nobody here, whatever the issuer advertises (RFC 8725 section 3.2). */
function withoutNone(metadata: IssuerMetadata): IssuerMetadata {
  const listed: unknown = metadata['id_token_signing_alg_values_supported']
  if (!Array.isArray(listed)) return metadata
  const signed = listed.filter((algorithm) => String(algorithm).toLowerCase() !== 'none')
  return { ...metadata, id_token_signing_alg_values_supported: signed }
}
