import { AuthError, aborted, type Clock, type Fetch, isAuthError } from '@latchkey/core'
import { allowedUrl, mayLead } from './address.ts'
import { shown } from './shown.ts'

/** How a back-end is reached. */
export interface Access {
  readonly fetch: Fetch
  readonly clock: Clock
}

/** One answer of a back-end, whole and unparsed. */
export interface ApiAnswer {
  /** Where it came from, after redirects. */
  readonly url: URL
  readonly status: number
  readonly text: string
}

/** How a document is asked for. */
export interface GetOptions {
  readonly signal?: AbortSignal | undefined
  /** Headers that only the first address may see: with them no redirect is followed. */
  readonly authorization?: string | undefined
  /** Redirects to other origins are followed too; default false. */
  readonly anyOrigin?: boolean | undefined
  /** Total time in ms, redirects and further attempts included; default 30,000. */
  readonly timeoutMs?: number | undefined
  /** Not asked again where the back-end is out of order; default false. */
  readonly once?: boolean | undefined
}

/** The largest document read, after decoding. */
const longestBody = 2 * 1024 * 1024
const mostRedirects = 5
/** What passes, by the Python client's experience of back-ends. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504])
const pausesMs = [500, 2_000]

/**
 * A document of a back-end: a total deadline, up to three attempts, a cap on the body, and redirects followed only where nothing is sent that
 * is secret, never from https to http, and to other origins only if asked for.
 *
 * @throws `NETWORK`, `TIMEOUT`, `TLS`, `ABORTED`; `RESPONSE_INVALID` for redirects that are not followed, a body over 2 MiB or not UTF-8
 */
export async function apiGet(access: Access, url: URL, options: GetOptions = {}): Promise<ApiAnswer> {
  const { timeoutMs = 30_000, signal: outer } = options
  if (outer?.aborted) throw aborted(outer)
  const passed = new AbortController()
  const done = new AbortController()
  access.clock.sleep(timeoutMs, done.signal).then(
    () =>
      passed.abort(new AuthError('TIMEOUT', `${url.href} took longer than ${timeoutMs / 1000} s. Try again later.`)),
    () => undefined,
  )
  const signal = outer === undefined ? passed.signal : AbortSignal.any([passed.signal, outer])
  try {
    return await within(patiently(access, url, { ...options, signal }), signal)
  } catch (error) {
    if (outer?.aborted) throw aborted(outer)
    throw networkError(passed.signal.aborted ? passed.signal.reason : error, url)
  } finally {
    done.abort()
  }
}

/** A fetch that does not heed its signal must not hang us. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, ended])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}

/** Up to three attempts while the back-end is out of order. */
async function patiently(access: Access, url: URL, options: GetOptions & { signal: AbortSignal }): Promise<ApiAnswer> {
  for (const pause of options.once ? [] : pausesMs) {
    const answer = await followed(access, url, options)
    if (!passing.has(answer.status)) return answer
    await access.clock.sleep(pause, options.signal)
  }
  return followed(access, url, options)
}

async function followed(access: Access, start: URL, options: GetOptions & { signal: AbortSignal }): Promise<ApiAnswer> {
  const { authorization, signal } = options
  const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) }
  let url = start
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await access.fetch(url.href, { headers, redirect: 'manual', signal })
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    if (location === null) return { url, status: response.status, text: await bodyOf(response, url) }
    await response.body?.cancel()
    url = redirected(url, location, options)
  }
  throw new AuthError('RESPONSE_INVALID', `${start.href} redirects without end. Check the address of the back-end.`)
}

function redirected(from: URL, location: string, { anyOrigin = false, authorization }: GetOptions): URL {
  const to = allowedUrl(location, from.href)
  const may = to !== undefined && authorization === undefined && mayLead(from, to)
  if (may && (anyOrigin || to.origin === from.origin)) return to
  const where = `${from.href} redirects to ${shown(to?.origin ?? location)}, which is not followed`
  throw new AuthError('RESPONSE_INVALID', `${where}. If that is the back-end you mean, connect to it by that address.`)
}

async function bodyOf(response: Response, url: URL): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.byteLength
    if (size > longestBody) throw unfit(url, 'more than 2 MiB where some kilobytes were due')
    text += decoded(decoder, part, url)
  }
  return text + decoded(decoder, undefined, url)
}

function decoded(decoder: InstanceType<typeof TextDecoder>, part: Uint8Array | undefined, url: URL): string {
  try {
    return part === undefined ? decoder.decode() : decoder.decode(part, { stream: true })
  } catch {
    throw unfit(url, 'an answer that is not UTF-8')
  }
}

const unfit = (url: URL, what: string): AuthError =>
  new AuthError('RESPONSE_INVALID', `${url.href} sent ${what}. Check the address of the back-end.`)

// OpenSSL's names for what is wrong with a certificate or a handshake.
const tls =
  /^(CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|EPROTO)/

/** What a fetch failed with, as an `AuthError` that names the address and nothing of the request. */
function networkError(error: unknown, url: URL): AuthError {
  if (isAuthError(error)) return error
  const reason = innermost(error)
  const said = reason === '' ? '' : ` (${shown(reason)})`
  if (tls.test(reason)) {
    const cure = 'Check the address and the clock of this machine; set NODE_EXTRA_CA_CERTS for a CA of its own.'
    return new AuthError('TLS', `${url.host} could not prove who it is${said}. ${cure}`)
  }
  const slow = /TIMEOUT|TIMEDOUT/.test(reason)
  const what = slow ? 'took too long to answer' : 'could not be reached'
  const text = `${url.href} ${what}${said}. Check the address and the network, then try again.`
  return new AuthError(slow ? 'TIMEOUT' : 'NETWORK', text)
}

/** The error code closest to the system: what fetch reports is "fetch failed". */
function innermost(error: unknown): string {
  let found = ''
  let current = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const { code, cause, errors } = current as { code?: unknown; cause?: unknown; errors?: readonly unknown[] }
    if (typeof code === 'string') found = code
    current = cause ?? errors?.[0]
  }
  return found
}
