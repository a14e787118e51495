import type { Authorization, OutgoingRequest } from '@latchkey/core'
import type { Dispatcher } from 'undici'
import type { Caller } from './caller.ts'
import { type Headers, withHeaders } from './headers.ts'
import { redirectsBelow, wrongOrder } from './order.ts'
import { consult, type Sent } from './settle.ts'
import type { Handler, Options, Sink } from './wire.ts'

/** A belt: authorizers count for themselves, and three reasons to send again are all there are. */
const mostSends = 4

/** A request, to be sent as often as its authorization asks for it. */
export interface Call {
  readonly dispatch: Dispatcher.Dispatch
  readonly options: Options
  readonly headers: Headers | undefined
  readonly caller: Caller
  /** What the authorizer was asked about. */
  readonly request: OutgoingRequest
}

/** Told by undici what becomes of one send. */
function listener(call: Call, authorization: Authorization | undefined, sends: number): Handler {
  const { caller, options, request } = call
  const { controller: ours, handler } = caller
  let sink: Sink = caller
  const sent: Sent = {
    request,
    body: options.body,
    caller,
    divert: (to) => {
      sink = to
    },
    again: sends === mostSends ? undefined : (next) => send(call, next, sends + 1),
  }
  return {
    onRequestStart: (controller, context: { history?: unknown } | null) => {
      caller.attach(controller)
      if (authorization !== undefined && context?.history !== undefined) controller.abort(wrongOrder(redirectsBelow))
    },
    onResponseStart: (controller, status, headers, statusText) => {
      ours.rawHeaders = controller.rawHeaders ?? null
      if (status >= 200) {
        const response = { controller, status, headers, statusText }
        if (authorization !== undefined && consult(sent, authorization, response)) return
        caller.own()
      }
      handler.onResponseStart?.(ours, status, headers, statusText)
    },
    onResponseData: (_, chunk) => sink.data(chunk),
    onResponseEnd: (_, trailers) => sink.end(trailers),
    onResponseError: (_, error) => sink.error(error),
    // Few handlers have these, and undici looks before it calls.
    ...(handler.onResponseStarted && { onResponseStarted: () => handler.onResponseStarted?.() }),
    ...(handler.onBodySent && { onBodySent: (chunk: Buffer) => handler.onBodySent?.(chunk) }),
    ...(handler.onRequestSent && { onRequestSent: () => handler.onRequestSent?.() }),
  }
}

/** Sends a request with what its authorization carries, or with nothing, and again where the answer asks for it. */
export function send(call: Call, authorization: Authorization | undefined, sends = 1): void {
  const { caller, dispatch, headers, options } = call
  if (caller.isGone()) return
  try {
    const carried = authorization === undefined ? headers : withHeaders(headers, authorization.headers)
    dispatch({ ...options, headers: carried ?? null }, listener(call, authorization, sends))
  } catch (error) {
    caller.error(error as Error)
  }
}
