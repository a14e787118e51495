import { errors } from 'undici'
import { controllerOf, type State } from './controller.ts'
import type { Controller, Handler, Sink } from './wire.ts'

/** Whoever made the request, for whom several sends are one. */
export interface Caller extends Sink {
  readonly handler: Handler
  /** The one that they hold from the start to the end. */
  readonly controller: Controller
  /** Fires when they abort. */
  readonly signal: AbortSignal
  /** They have aborted, or have been told of a failure: nothing more is to be sent. */
  readonly gone: boolean
  /** A send has begun. */
  attach(target: Controller): void
  /** The response of the send under way is theirs from here on. */
  own(): void
}

/** Stands between a caller's handler and the sends that are made for it. */
export function callerOf(handler: Handler): Caller {
  const stop = new AbortController()
  const state: State = { target: undefined, reason: null, paused: false, owned: false }
  let failed = false

  const error = (why: Error): void => {
    if (failed) return
    failed = true
    handler.onResponseError?.(controller, why)
  }
  const controller = controllerOf(state, (reason) => {
    stop.abort(reason)
    // Once the response is theirs its connection tells them, as in undici; before, there may be none.
    if (!state.owned) error(reason)
  })
  return {
    handler,
    controller,
    signal: stop.signal,
    get gone() {
      return failed || state.reason !== null
    },
    attach: (next) => {
      state.target = next
      if (failed || state.reason !== null) next.abort(state.reason ?? new errors.RequestAbortedError())
    },
    own: () => {
      state.owned = true
    },
    data: (chunk) => handler.onResponseData?.(controller, chunk),
    end: (trailers) => handler.onResponseEnd?.(controller, trailers),
    error,
  }
}
