import type { Call } from './call.ts'

type Body = RequestInit['body']

/** The body of a call, for as long as it may have to be sent again. */
export interface Payload {
  /** False for a stream: it can be sent once. */
  readonly replayable: boolean
  /** What to pass as `init.body`; `undefined` where it is inside the request. */
  readonly body: Body | undefined
  /** The caller's request, then copies of it. */
  request(): Request | undefined
  /** The same body for another address. */
  moved(): Promise<Payload>
}

/** ReadableStream, Node's streams and any other async iterable. */
const isStream = (body: Body): boolean =>
  typeof body === 'object' && body !== null && (Symbol.asyncIterator in body || 'getReader' in body)

interface NodeStream {
  readonly errored?: Error | null
  on(event: 'error', listener: () => void): unknown
}

const isNodeStream = (body: object): body is NodeStream => 'on' in body && typeof body.on === 'function'

/**
 * Listens to a Node stream while a token is awaited: unheard, one that fails meanwhile would end the process. Gives a
 * check to make before sending, which fails as `fetch` does.
 */
export function heed(body: Body | undefined): (() => void) | undefined {
  if (typeof body !== 'object' || body === null || !isNodeStream(body)) return undefined
  body.on('error', () => {})
  return () => {
    if (body.errored) throw new TypeError('fetch failed', { cause: body.errored })
  }
}

/** A body that was given in `init`, or none. */
export function plainPayload(body: Body | undefined, request?: Request): Payload {
  const payload: Payload = {
    replayable: body === undefined || !isStream(body),
    body,
    request: () => request,
    moved: async () => plainPayload(body),
  }
  return payload
}

/**
 * A body inside a `Request` is a stream whatever it was made of, so a copy is kept before each sending. The caller's
 * own request goes first: afterwards it is used up, as with plain `fetch`.
 */
export function payloadOf({ init, request }: Call): Payload {
  const given = init.body ?? undefined
  if (request === undefined || given !== undefined || request.body === null) return plainPayload(given, request)
  let next = request
  const take = (): Request => {
    const now = next
    next = now.clone()
    return now
  }
  return { replayable: true, body: undefined, request: take, moved: async () => plainPayload(await next.arrayBuffer()) }
}
