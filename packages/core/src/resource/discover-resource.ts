import { challengeOf } from '../authorizer/challenge-of.ts'
import type { Clock } from '../clock.ts'
import { systemClock } from '../clock.ts'
import { AuthError, isAuthError } from '../errors.ts'
import type { Fetch } from '../issuer/issuer-fetch.ts'
import { httpFor, type IssuerAccess, issuerFetch, requestTimeoutMs } from '../issuer/issuer-fetch.ts'
import { jsonObject, textOf, textsOf } from '../issuer/json.ts'

/** What a protected API says about itself (RFC 9728 section 2). */
export interface ProtectedResource {
  /** The identifier of the API: where its tokens may be sent. */
  readonly resource: string
  /** Issuers whose tokens it takes. */
  readonly issuers: readonly string[]
  /** Scopes it knows. */
  readonly scopes: readonly string[]
  /** The whole document. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** How it is asked. */
export interface DiscoverResourceOptions {
  readonly fetch?: Fetch | undefined
  readonly clock?: Clock | undefined
  /** Lets http through to any host; default false: only to loopback, from an API that is there by http itself. */
  readonly allowHttp?: boolean | undefined
  /** Total time of each request in ms; default 30,000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Which issuers and scopes a protected API names for itself (RFC 9728): asked without credentials, it points to its
 * metadata in a 401; where it does not, the well-known address is tried.
 *
 * @param url an address of the API
 * @throws `UNSUPPORTED` when it describes itself nowhere, `RESPONSE_INVALID` for metadata of another resource,
 * `CONFIG_INVALID` for an address that may not be asked, `NETWORK`, `TIMEOUT`, `TLS`
 */
export async function discoverResource(
  url: string | URL,
  options: DiscoverResourceOptions = {},
): Promise<ProtectedResource> {
  const { clock = systemClock, allowHttp = false, timeoutMs = requestTimeoutMs, signal } = options
  const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const asked = new URL(url)
  const access: IssuerAccess = { fetch, clock, http: httpFor(asked.href, allowHttp), timeoutMs }
  for (const address of await addresses(access, asked, signal)) {
    const answer = await issuerFetch(access, address, {
      headers: { accept: 'application/json' },
      ...(signal && { signal }),
    })
    const metadata = answer.status === 200 ? jsonObject(answer.text) : undefined
    if (metadata !== undefined) return described(metadata, asked)
  }
  throw new AuthError(
    'UNSUPPORTED',
    `${asked.origin} does not say which issuer it trusts (RFC 9728): ask whoever runs it.`,
  )
}

const wellKnown = '/.well-known/oauth-protected-resource'

/** The address in the challenge alone, if there is one; else the well-known ones, with the path and without. */
async function addresses(access: IssuerAccess, asked: URL, signal?: AbortSignal): Promise<readonly string[]> {
  const named = await pointedTo(access, asked, signal)
  if (named !== undefined) return [named]
  const path = asked.pathname.replace(/(?<!\/)\/+$/, '')
  return [...new Set([`${asked.origin}${wellKnown}${path}`, `${asked.origin}${wellKnown}`])]
}

/** Where a 401 of the API points. What else it answers, and how much of it, does not matter. */
async function pointedTo(access: IssuerAccess, asked: URL, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await issuerFetch(access, asked.href, { ...(signal && { signal }) })
    return answer.status === 401 ? challengeOf(answer)?.resourceMetadata : undefined
  } catch (error) {
    if (isAuthError(error) && error.code === 'RESPONSE_INVALID') return undefined
    throw error
  }
}

/**
 * RFC 9728 section 3.3: metadata that names another resource is not used, or any server could send tokens elsewhere.
 * One that covers the address from further up the same origin does name it.
 */
function described(metadata: Readonly<Record<string, unknown>>, asked: URL): ProtectedResource {
  const resource = textOf(metadata, 'resource')
  if (resource === undefined || !covers(resource, asked)) {
    throw new AuthError(
      'RESPONSE_INVALID',
      `The metadata given for ${asked.origin} is of another resource; it was not used.`,
    )
  }
  return {
    resource,
    issuers: textsOf(metadata, 'authorization_servers'),
    scopes: textsOf(metadata, 'scopes_supported'),
    metadata,
  }
}

function covers(resource: string, asked: URL): boolean {
  if (!URL.canParse(resource)) return false
  const { origin, pathname, search } = new URL(resource)
  const path = pathname.replace(/(?<!\/)\/+$/, '')
  const below = asked.pathname === path || asked.pathname.startsWith(`${path}/`)
  return origin === asked.origin && below && (search === '' || search === asked.search)
}
