import { AuthError, aborted, isAuthError } from '../errors.ts'
import { issuerError } from '../issuer/issuer-error.ts'
import { type IssuerAccess, issuerFetch } from '../issuer/issuer-fetch.ts'
import { jsonObject, textOf } from '../issuer/json.ts'
import { hostOf } from '../issuer/network-error.ts'
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
  const path = url.pathname.replace(/\/+$/, '')
  return [`${base}/.well-known/openid-configuration`, `${url.origin}/.well-known/oauth-authorization-server${path}`]
}

/**
 * The metadata of an issuer: OpenID Connect discovery first, RFC 8414 where that is not there.
 *
 * @throws `DISCOVERY_FAILED`, `CONFIG_INVALID`, `ABORTED`
 */
export async function discover(access: IssuerAccess, issuer: string, signal?: AbortSignal): Promise<IssuerMetadata> {
  const [openid, oauth] = addresses(issuer) as [string, string]
  try {
    return (
      (await metadataAt(access, openid, issuer, signal)) ??
      (await metadataAt(access, oauth, issuer, signal)) ??
      notFound(openid)
    )
  } catch (error) {
    if (signal?.aborted) throw aborted(signal)
    if (!isAuthError(error) || error.code === 'CONFIG_INVALID') throw error
    const message = `The metadata of ${issuer} could not be read. ${error.message}`
    throw new AuthError('DISCOVERY_FAILED', message, { cause: error })
  }
}

function notFound(url: string): never {
  throw new AuthError('DISCOVERY_FAILED', `${hostOf(url)} has none at ${url}: check the issuer's address.`)
}

async function metadataAt(
  access: IssuerAccess,
  url: string,
  issuer: string,
  signal?: AbortSignal,
): Promise<IssuerMetadata | undefined> {
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
  if (answer.status === 404 || answer.status === 410) return undefined
  if (answer.status !== 200) throw issuerError(answer, 'Discovery', access.clock.now())
  return checked(jsonObject(answer.text), url, issuer)
}

/** RFC 8414 section 3.3: the document must name the issuer that was asked for. A trailing slash more or less is let pass: INDIGO IAM adds one. */
function checked(document: Readonly<Record<string, unknown>> | undefined, url: string, issuer: string): IssuerMetadata {
  const named = textOf(document, 'issuer')
  if (document === undefined || named === undefined) {
    throw new AuthError('DISCOVERY_FAILED', `What ${url} answers is no issuer metadata.`)
  }
  if (sameIssuer(named, issuer)) return withoutNone(document as IssuerMetadata)
  throw new AuthError('DISCOVERY_FAILED', `${url} speaks for another issuer: ${hostOf(named)}.`)
}

function sameIssuer(one: string, other: string): boolean {
  const href = (text: string): string => (URL.canParse(text) ? normalizeIssuer(new URL(text).href) : text)
  return href(one) === href(other)
}

/** An unsigned ID token is accepted by nobody here, whatever the issuer advertises (RFC 8725 section 3.2). */
function withoutNone(metadata: IssuerMetadata): IssuerMetadata {
  const listed = metadata['id_token_signing_alg_values_supported']
  if (!Array.isArray(listed)) return metadata
  return { ...metadata, id_token_signing_alg_values_supported: listed.filter((algorithm) => algorithm !== 'none') }
}
