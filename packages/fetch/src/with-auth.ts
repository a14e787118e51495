import { type Authorizer, isAuthError } from '@latchkey/core'
import { readCall } from './call.ts'
import { follow } from './follow.ts'
import { heed } from './payload.ts'

/** Any function that is called like `fetch`: the platform's own, that of undici, a wrapper around one of them. */
export type AnyFetch = (...args: never[]) => Promise<unknown>

/**
 * A `fetch` whose requests carry what the authorizer gives for their origin, renewed when the API refuses it. What it
 * has no answer for goes to `fetch` untouched, and so does a request with an `Authorization` header of its own.
 *
 * - Redirects are followed here, at most 20: each hop is put to the authorizer, and after one hop that it does not
 *   serve no later one carries anything.
 * - A refused request is sent again with its body, except where that was a stream: then the answer is the caller's and
 *   the token is renewed for the next. A body inside a `Request` is held in memory until the answer is there.
 * - An abort rejects with `signal.reason`, as with plain `fetch`. All else that fails on our side is an `AuthError`.
 *
 * For Node, Deno, Bun and workers: browsers do not show redirects to scripts.
 *
 * @param fetch what sends; default the global one
 */
export function withAuth<F extends AnyFetch = typeof globalThis.fetch>(authorizer: Authorizer, fetch?: F): F {
  const send = (fetch ?? globalThis.fetch) as unknown as typeof globalThis.fetch
  const authorized: typeof globalThis.fetch = async (input, init) => {
    const call = readCall(input, init)
    if (call === undefined) return send(input, init)
    const checkBody = heed(call.init.body)
    try {
      const authorization = await authorizer(call)
      checkBody?.()
      return authorization === undefined
        ? await send(input, init)
        : await follow(call, authorization, { authorizer, send })
    } catch (error) {
      if (call.signal?.aborted && isAuthError(error) && error.code === 'ABORTED') throw call.signal.reason
      throw error
    }
  }
  return authorized as unknown as F
}
