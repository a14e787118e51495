import { AuthError, type Clock, type Fetch } from '@latchkey/core'
import { deadline, pausing, type RawAnswer, request, showable } from '@latchkey/core/http'
import { allowedUrl, mayLead } from './address.ts'

/** How a back-end is reached. */
export interface Access {
  readonly fetch: Fetch
  readonly clock: Clock
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

interface Bounded extends GetOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
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
 * @throws `NETWORK`, `TIMEOUT`, `TLS`, `ABORTED`; `RESPONSE_INVALID` for redirects that are not followed, a body over 2 MiB, not UTF-8 or not decodable
 */
export async function apiGet(access: Access, url: URL, options: GetOptions = {}): Promise<RawAnswer> {
  const { timeoutMs = 30_000, signal: outer } = options
  const { signal, end } = deadline(access.clock, timeoutMs, url.href, outer)
  try {
    return await patiently(access, url, { ...options, signal, timeoutMs })
  } finally {
    end()
  }
}

/** Up to three attempts while the back-end is out of order. */
async function patiently(access: Access, url: URL, options: Bounded): Promise<RawAnswer> {
  for (const pause of options.once ? [] : pausesMs) {
    const answer = await followed(access, url, options)
    if (!passing.has(answer.status)) return answer
    await pausing(access.clock, pause, options.signal)
  }
  return followed(access, url, options)
}

async function followed(access: Access, start: URL, options: Bounded): Promise<RawAnswer> {
  const { authorization, signal, timeoutMs } = options
  const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) }
  const how = { ...access, http: 'loopback', timeoutMs, longestBody, server: 'back-end' } as const
  let url = start
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const answer = await request(how, url.href, { headers, signal })
    const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null
    if (location === null) return answer
    url = redirected(url, location, options)
  }
  throw new AuthError('RESPONSE_INVALID', `${start.href} redirects without end. Check the address of the back-end.`)
}

function redirected(from: URL, location: string, { anyOrigin = false, authorization }: GetOptions): URL {
  const to = allowedUrl(location, from.href)
  const may = to !== undefined && authorization === undefined && mayLead(from, to)
  if (may && (anyOrigin || to.origin === from.origin)) return to
  const where = `${from.href} redirects to ${showable(to?.origin ?? location)}, which is not followed`
  throw new AuthError('RESPONSE_INVALID', `${where}. If that is the back-end you mean, connect to it by that address.`)
}
