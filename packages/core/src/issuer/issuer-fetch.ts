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

/** Whom http is let through to. */
export type HttpTo = 'nobody' | 'loopback' | 'anybody'

/** What an https address names is https too: nobody elsewhere may send us to the programs of this machine. */
export const httpFor = (url: string, allowHttp: boolean): HttpTo =>
  allowHttp ? 'anybody' : new URL(url).protocol === 'http:' ? 'loopback' : 'nobody'

/** How an issuer may be reached. */
export interface IssuerAccess {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly http: HttpTo
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

/** Whether a URL may be talked to: https, or http where that is let through; never with a password in it. */
export function isAllowedUrl(url: string, http: HttpTo): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  return (
    protocol === 'https:' ||
    (protocol === 'http:' && (http === 'anybody' || (http === 'loopback' && loopback.test(hostname))))
  )
}

/**
 * One request to an issuer: a total deadline, a cap on the body after decoding, no redirect followed, https only.
 *
 * @throws `CONFIG_INVALID` for an address that may not be talked to, `NETWORK`, `TIMEOUT`, `TLS`, `ABORTED`, and
 *   `RESPONSE_INVALID` for a body over 1 MiB, not UTF-8 or not decodable
 */
export async function issuerFetch(access: IssuerAccess, url: string, init: RequestInit): Promise<RawAnswer> {
  if (!isAllowedUrl(url, access.http)) {
    throw new AuthError(
      'CONFIG_INVALID',
      `${hostOf(url)} is not asked: an issuer is asked at https addresses without a password in them (http if it is on loopback itself, or with allowHttp).`,
    )
  }
  const outer = init.signal ?? undefined
  if (outer?.aborted) throw aborted(outer)
  const secrets = secretsOf(init.body, new Headers(init.headers).get('authorization'))
  const limit = deadline(access.clock, access.timeoutMs, `The answer of ${hostOf(url)}`, outer)
  try {
    const sent = access.fetch(url, { ...init, redirect: 'manual', signal: limit.signal })
    const response = await Promise.race([sent, limit.passed])
    const text = await Promise.race([bodyOf(response, url, limit.signal), limit.passed])
    return { url, status: response.status, headers: response.headers, text, secrets }
  } catch (error) {
    if (outer?.aborted) throw aborted(outer)
    throw networkError(limit.signal.aborted ? limit.signal.reason : error, url, secrets)
  } finally {
    limit.end()
  }
}

/** The body as text. Whatever ends the reading early also ends the transfer. */
async function bodyOf(response: Response, url: string, signal: AbortSignal): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const stop = (): void => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await textFrom(reader, url)
  } catch (error) {
    stop()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

interface Chunks {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
}

async function textFrom(chunks: Chunks, url: string): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await chunks.read()
    size += value?.byteLength ?? 0
    if (size > longestBody) throw unfit(url, 'more than 1 MiB where some kilobytes were due')
    try {
      text += done ? decoder.decode() : decoder.decode(value, { stream: true })
    } catch {
      throw unfit(url, 'an answer that is not UTF-8')
    }
    if (done) return text
  }
}

function unfit(url: string, what: string): AuthError {
  return new AuthError('RESPONSE_INVALID', `${hostOf(url)} sent ${what}. Check that it is the issuer's address.`)
}
