import { AuthError, type Authorization, type Authorizer, afterRedirect, publish, sendAuthorized } from '@latchkey/core'
import { answerOf, discard } from './answer.ts'
import type { Call } from './call.ts'
import { type HeaderInput, withHeaders, withoutHeaders } from './headers.ts'
import { type Payload, payloadOf, plainPayload } from './payload.ts'

/** As many as browsers follow (Fetch, "HTTP-redirect fetch"). */
const mostRedirects = 20

/** What describes a body, and goes where it goes. */
const ofBody: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
])

/** What the caller meant for the first origin only. */
const ofOrigin: ReadonlySet<string> = new Set(['cookie', 'host', 'proxy-authorization'])

/** Who is asked, and what sends. */
export interface Parts {
  readonly authorizer: Authorizer
  readonly send: typeof globalThis.fetch
}

interface Hop {
  readonly method: string
  readonly url: URL
  readonly headers: HeaderInput | undefined
  readonly payload: Payload
}

/** A failure as `fetch` reports it. */
const failed = (cause: unknown): TypeError => new TypeError('fetch failed', { cause })

/** `fetch` for one hop. The caller's request is sent as it is to its own address, since it may hold more than it shows. */
function sendHop(call: Call, hop: Hop, send: Parts['send'], more: RequestInit): Promise<Response> {
  const request = hop.payload.request()
  if (request !== undefined) return send(request, { ...call.init, ...more })
  const { signal } = call
  const init = { ...call.init, ...more, method: hop.method, body: hop.payload.body ?? null }
  return send(hop.url.href, signal === undefined ? init : { ...init, signal })
}

/** The next hop, or nothing where the response is the caller's. */
async function nextHop(call: Call, hop: Hop, response: Response, count: number): Promise<Hop | undefined> {
  if (call.redirect !== 'follow') return undefined
  if (response.type === 'opaqueredirect') {
    throw new AuthError('UNSUPPORTED', 'This runtime does not show redirects to scripts, as browsers do not.')
  }
  const next = afterRedirect(hop, response.status, response.headers.get('location'))
  if (next === undefined) return undefined
  if (count === mostRedirects) throw new Error(`More than ${mostRedirects} redirects.`)
  if (response.status !== 303 && !hop.payload.replayable)
    throw new Error('A stream cannot follow a redirect: it is used up.')
  const sameOrigin = next.url.origin === hop.url.origin
  const kept = sameOrigin ? hop.headers : withoutHeaders(hop.headers, ofOrigin)
  return next.keepsBody
    ? { ...next, headers: kept, payload: await hop.payload.moved() }
    : { ...next, headers: withoutHeaders(kept, ofBody), payload: plainPayload(undefined) }
}

/** A response at the end of redirects that the platform does not know of. */
function redirected(response: Response): Response {
  return Object.defineProperty(response, 'redirected', { value: true, configurable: true })
}

/**
 * Sends an authorized call and follows its redirects, asking the authorizer for each hop. Once it has nothing for one,
 * the platform goes on alone.
 */
export async function follow(call: Call, first: Authorization, { authorizer, send }: Parts): Promise<Response> {
  const redirect = call.redirect === 'follow' ? 'manual' : call.redirect
  const { signal } = call
  let hop: Hop = { method: call.method, url: call.url, headers: call.headers, payload: payloadOf(call) }
  let authorization = first
  for (let count = 0; ; count++) {
    const current = hop
    const { replayable } = current.payload
    const response = await sendAuthorized(authorization, {
      send: (ours) => sendHop(call, current, send, { headers: withHeaders(current.headers, ours), redirect }),
      answer: (answer) =>
        answerOf(answer, { request: { method: current.method, url: current.url, signal }, replayable }),
      discard,
    })
    const next = await nextHop(call, current, response, count).catch(async (error: unknown) => {
      await discard(response)
      throw error instanceof AuthError ? error : failed(error)
    })
    if (next === undefined) return count === 0 ? response : redirected(response)
    await discard(response)
    hop = next
    const more = await authorizer({ method: hop.method, url: hop.url, signal })
    if (more === undefined) {
      publish('latchkey:left-origins', () => ({ origin: hop.url.origin, hop: count + 1 }))
      const headers = hop.headers === undefined ? {} : { headers: hop.headers }
      return redirected(await sendHop(call, hop, send, { ...headers, redirect: 'follow' }))
    }
    authorization = more
  }
}
