import type { Clock } from '../clock.ts'
import { AuthError, aborted } from '../errors.ts'
import { deadline } from '../issuer/deadline.ts'
import { hostOf, networkError } from '../issuer/network-error.ts'
import { secretsOf } from '../issuer/redact.ts'
import { type HttpTo, isAllowedUrl } from './allowed-url.ts'
import { bodyText } from './body-text.ts'

/** The fetch of the platform, or one with its signature. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>

/** How a server may be reached, and what of it is waited for. */
export interface HttpAccess {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly http: HttpTo
  /** Total time of one request in ms, headers and body. */
  readonly timeoutMs: number
  /** The largest body read, in bytes after decoding; default 1 MiB. */
  readonly longestBody?: number | undefined
  /** What is asked, in a word for errors; default `server`. */
  readonly server?: string | undefined
}

/** One answer of a server, whole and unparsed. */
export interface RawAnswer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** What we sent and must not show if it comes back. */
  readonly secrets: readonly string[]
}

/**
 * One request: a total deadline, a cap on the body after decoding, no redirect followed, https only. Any status is an
 * answer.
 *
 * @throws `CONFIG_INVALID` for an address that may not be talked to, `NETWORK`, `TIMEOUT`, `TLS`, `ABORTED`, and
 *   `RESPONSE_INVALID` for a body that is too long, not UTF-8 or not decodable
 */
export async function request(access: HttpAccess, url: string, init: RequestInit = {}): Promise<RawAnswer> {
  const { server = 'server', longestBody = 1024 * 1024 } = access
  const host = hostOf(url)
  if (!isAllowedUrl(url, access.http)) {
    const rule = 'https addresses without a password in them (http if it is on loopback itself, or with allowHttp)'
    throw new AuthError('CONFIG_INVALID', `${host} is not asked: the ${server} is asked at ${rule}.`)
  }
  const outer = init.signal ?? undefined
  if (outer?.aborted) throw aborted(outer)
  const secrets = secretsOf(init.body, new Headers(init.headers).get('authorization'))
  const limit = deadline(access.clock, access.timeoutMs, `The answer of ${host}`, outer)
  const unfit = (what: string): AuthError =>
    new AuthError('RESPONSE_INVALID', `${host} sent ${what}. Check that it is the ${server}'s address.`)
  try {
    const sent = access.fetch(url, { ...init, redirect: 'manual', signal: limit.signal })
    const response = await Promise.race([sent, limit.passed])
    const reading = bodyText(response, { longest: longestBody, unfit, signal: limit.signal })
    const text = await Promise.race([reading, limit.passed])
    return { url, status: response.status, headers: response.headers, text, secrets }
  } catch (error) {
    if (outer?.aborted) throw aborted(outer)
    throw networkError(limit.signal.aborted ? limit.signal.reason : error, url, secrets)
  } finally {
    limit.end()
  }
}
