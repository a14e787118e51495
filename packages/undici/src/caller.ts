import { errors } from 'undici'
import type { Controller, Fields, Handler, Sink } from './wire.ts'

/** Whoever made the request, for whom several sends are one. */
export interface Caller extends Sink {
  readonly handler: Handler
  /** The one that they hold from the start to the end, whichever connection is under way. */
  readonly controller: Controller
  /** Fires when they abort. */
  readonly signal: AbortSignal
  /** They have aborted, or have been told of a failure: nothing more is to be sent. */
  isGone(): boolean
  /** A send has begun. */
  attach(target: Controller): void
  /** The response of the send under way is theirs from here on. */
  own(): void
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** Stands between a caller's handler and the sends that are made for it. */
export function callerOf(handler: Handler): Caller {
  const stop = new AbortController()
  let target: Controller | undefined
  let owned = false
  let failed = false

  const error = (why: Error): void => {
    if (failed) return
    failed = true
    handler.onResponseError?.(controller, why)
  }
  // Plain properties: getters made anew for each request would cost it a microsecond.
  const controller: Mutable<Controller> = {
    aborted: false,
    reason: null,
    paused: false,
    rawHeaders: null,
    rawTrailers: null,
    pause: () => {
      controller.paused = true
      if (owned) target?.pause()
    },
    resume: () => {
      controller.paused = false
      if (owned) target?.resume()
    },
    abort: (why?: Error) => {
      if (controller.aborted) return
      const reason = why ?? new errors.RequestAbortedError()
      Object.assign(controller, { aborted: true, reason })
      stop.abort(reason)
      target?.abort(reason)
      // Once the response is theirs its connection tells them, as in undici; before, there may be none.
      if (!owned) error(reason)
    },
  }
  const isGone = (): boolean => failed || controller.aborted
  return {
    handler,
    controller,
    signal: stop.signal,
    isGone,
    attach: (next) => {
      target = next
      if (isGone()) next.abort(controller.reason ?? new errors.RequestAbortedError())
    },
    own: () => {
      owned = true
    },
    data: (chunk) => handler.onResponseData?.(controller, chunk),
    end: (trailers: Fields) => {
      controller.rawTrailers = target?.rawTrailers ?? null
      handler.onResponseEnd?.(controller, trailers)
    },
    error,
  }
}
