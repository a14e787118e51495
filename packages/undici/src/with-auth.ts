import { type Authorizer, publish } from '@latchkey/core'
import type { Dispatcher } from 'undici'
import { addressOf } from './address.ts'
import { watchBody } from './body.ts'
import { callerOf } from './caller.ts'
import { hasHeader, readHeaders } from './headers.ts'
import { chainOf, hopsOf, redirectsHidden, wrongOrder } from './order.ts'
import { type Call, send } from './send.ts'
import type { Handler, Options } from './wire.ts'

/**
 * Whether a request can be authorized at all. An upgrade is a connection, not a request. A handler without
 * `onRequestStart` is that of another major version of undici (the global fetch of Node): it would never hear from us,
 * and undici itself has to say so.
 */
function isOurs(options: Options, handler: Handler): boolean {
  if (typeof options !== 'object' || options === null) return false
  return typeof handler?.onRequestStart === 'function' && !options.upgrade && options.method !== 'CONNECT'
}

/** Where a hop stands. */
interface Hop {
  /** `undefined` where it cannot be told which hops belong together. */
  readonly chain: object | undefined
  /** This hop and those that follow it carry nothing. */
  leave(): void
}

/** Asks the authorizer, while the caller can abort already, and sends. */
async function sendHop(authorizer: Authorizer, call: Call, { chain, leave }: Hop): Promise<void> {
  const { caller, options, request } = call
  const unwatch = watchBody(options.body, caller.error)
  try {
    const authorization = await authorizer(request)
    if (authorization === undefined) {
      leave()
      const hop = hopsOf(chain)
      if (hop > 0) publish('latchkey:left-origins', () => ({ origin: request.url.origin, hop }))
    } else if (chain === undefined) throw wrongOrder(redirectsHidden)
    send(call, authorization)
  } catch (error) {
    caller.error(error as Error)
  } finally {
    unwatch()
  }
}

/**
 * An interceptor for `compose` that puts on each request what the authorizer gives for its origin, and renews it when
 * the API refuses it. Listed before redirects and retries, so that each of their hops comes through it:
 *
 * ```ts
 * new Agent().compose(withAuth(authorizer), interceptors.redirect({ maxRedirections: 5 }), interceptors.retry())
 * ```
 *
 * - Each hop is put to the authorizer; after one that it does not serve no later hop of that chain carries anything.
 * - A refused request is sent again with its body, except where that is a stream or an iterator: then the answer is
 *   the caller's and the token is renewed for the next.
 * - A request with an `Authorization` header of its own, an upgrade and `CONNECT` go through untouched.
 * - An abort is undici's own, also while waiting for a token. All else that fails on our side is an `AuthError`.
 *
 * `undici.fetch` needs another way: `withAuth(authorizer, undici.fetch)` of `@latchkey/fetch`.
 *
 * @throws `CONFIG_INVALID` from a request, before it is sent, when redirects are listed before it
 */
export function withAuth(authorizer: Authorizer): Dispatcher.DispatcherComposeInterceptor {
  // Chains of redirects that have left the origins of the authorizer, or were authorized by hand.
  const left = new WeakSet<object>()
  return (dispatch: Dispatcher.Dispatch, connected?: unknown): Dispatcher.Dispatch => {
    // A Client or Pool says where it connects to whatever its requests say (undici 8.12).
    const fixed = typeof connected === 'string' ? connected : undefined
    return (options, handler) => {
      if (!isOurs(options, handler)) return dispatch(options, handler)
      const chain = chainOf(options, handler)
      if (chain !== undefined && left.has(chain)) return dispatch(options, handler)
      const leave = (): void => {
        if (chain !== undefined) left.add(chain)
      }
      const headers = readHeaders(options.headers)
      const url = addressOf(options, fixed)
      if (url === undefined || (headers !== undefined && hasHeader(headers, 'authorization'))) {
        leave()
        return dispatch({ ...options, headers: headers ?? null }, handler)
      }
      const caller = callerOf(handler)
      const request = { method: options.method, url, signal: caller.signal }
      // Before there is a token: otherwise an abort would wait for it.
      handler.onRequestStart?.(caller.controller, null)
      if (!caller.isGone()) void sendHop(authorizer, { dispatch, options, headers, caller, request }, { chain, leave })
      return true
    }
  }
}
