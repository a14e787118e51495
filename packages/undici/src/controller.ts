import { errors } from 'undici'
import type { Controller } from './wire.ts'

/** What is known of a request over all its sends. */
export interface State {
  /** The connection of the send under way. */
  target: Controller | undefined
  /** Why the caller aborted. */
  reason: Error | null
  paused: boolean
  /** The response under way is the caller's: before, only they have paused and nothing is to come. */
  owned: boolean
}

/**
 * The controller that a caller holds from the start to the end, whichever connection is under way.
 *
 * @param stopped told once, when they abort
 */
export function controllerOf(state: State, stopped: (reason: Error) => void): Controller {
  return {
    get aborted() {
      return state.reason !== null
    },
    get reason() {
      return state.reason
    },
    get paused() {
      return state.paused
    },
    get rawHeaders() {
      return state.target?.rawHeaders ?? null
    },
    set rawHeaders(fields) {
      if (state.target !== undefined) state.target.rawHeaders = fields
    },
    get rawTrailers() {
      return state.target?.rawTrailers ?? null
    },
    set rawTrailers(fields) {
      if (state.target !== undefined) state.target.rawTrailers = fields
    },
    pause() {
      state.paused = true
      if (state.owned) state.target?.pause()
    },
    resume() {
      state.paused = false
      if (state.owned) state.target?.resume()
    },
    abort(why?: Error) {
      if (state.reason !== null) return
      state.reason = why ?? new errors.RequestAbortedError()
      state.target?.abort(state.reason)
      stopped(state.reason)
    },
  }
}
