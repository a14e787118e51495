import type { Clock } from '../clock.ts'
import { AuthError, aborted } from '../errors.ts'
import { deadline } from './deadline.ts'
import { hostOf, networkError } from './network-error.ts'
import { secretsOf } from './redact.ts'

/** The largest body read from an issuer, after decoding. */
const longestBody = 1024 * 1024

/** The default total deadline of one request to an issuer, headers and body. */
export const requestTimeoutMs = 30_000

/** The fetch of the platform, or one with its signature. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>

/** How an issuer may be reached. */
export interface IssuerAccess {
  readonly fetch: Fetch
  readonly clock: Clock
  /** http is let through to any host, not only to loopback. */
  readonly allowHttp: boolean
  readonly timeoutMs: number
}

/** One answer of an issuer, whole and unparsed. */
export interface RawAnswer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** What we sent and must not show if it comes back. */
  readonly secrets: readonly string[]
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a URL may be talked to: https, or http to loopback or where it was allowed; never with a password in it. */
export function isAllowedUrl(url: string, allowHttp: boolean): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && (allowHttp || loopback.test(hostname)))
}

/**
 * One request to an issuer: a total deadline, a cap on the body after decoding, no redirect followed, https only.
 *
 * @throws `CONFIG_INVALID` for an address that may not be talked to, `NETWORK`, `TIMEOUT`, `TLS`, and `RESPONSE_INVALID` for a body over 1 MiB or not UTF-8
 */
export async function issuerFetch(access: IssuerAccess, url: string, init: RequestInit): Promise<RawAnswer> {
  if (!isAllowedUrl(url, access.allowHttp)) {
    throw new AuthError(
      'CONFIG_INVALID',
      `${hostOf(url)} is not asked: only https addresses are (http on loopback, or with allowHttp).`,
    )
  }
  const limit = deadline(access.clock, access.timeoutMs, `The answer of ${hostOf(url)}`, init.signal ?? undefined)
  try {
    const sent = access.fetch(url, { ...init, redirect: 'manual', signal: limit.signal })
    const response = await Promise.race([sent, limit.passed])
    const text = await Promise.race([bodyOf(response, url), limit.passed])
    const secrets = secretsOf(init.body, new Headers(init.headers).get('authorization'))
    return { url, status: response.status, headers: response.headers, text, secrets }
  } catch (error) {
    if (init.signal?.aborted) throw aborted(init.signal)
    throw networkError(limit.signal.aborted ? limit.signal.reason : error, url)
  } finally {
    limit.end()
  }
}

async function bodyOf(response: Response, url: string): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > longestBody) {
      await reader.cancel()
      throw new AuthError(
        'RESPONSE_INVALID',
        `${hostOf(url)} sent more than 1 MiB where an answer of some kilobytes was due.`,
      )
    }
    text += decoded(decoder, value, url)
  }
  return text + decoded(decoder, undefined, url)
}

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array | undefined, url: string): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch {
    throw new AuthError('RESPONSE_INVALID', `${hostOf(url)} sent an answer that is not UTF-8.`)
  }
}
