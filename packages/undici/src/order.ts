import { AuthError } from '@latchkey/core'
import type { Handler, Options } from './wire.ts'

const right = 'compose(withAuth(…), interceptors.redirect(…), interceptors.retry(…))'

/** `withAuth` and a redirect interceptor do not stand as they must; nothing has been sent. */
export function wrongOrder(problem: string): AuthError {
  return new AuthError('CONFIG_INVALID', `${problem} Use this order: ${right}.`)
}

/** Redirects happen on the way from us to the network: a token would follow them anywhere. */
export const redirectsBelow = 'withAuth is listed after interceptors.redirect, where it does not see the redirects.'

/** Redirects come to us, but not one chain as one. */
export const redirectsHidden =
  'Between withAuth and interceptors.redirect an interceptor is listed that hides which redirects belong together.'

/** As deep as anybody composes. */
const mostLevels = 8

/**
 * What stays the same over all hops of one chain of redirects: undici's redirect handler, also where its retry handler
 * stands around it anew for each hop; else the handler itself. `undefined`: redirects are followed, but something hides
 * the chain.
 */
export function chainOf(options: Options, handler: Handler): object | undefined {
  let at: { history?: unknown; handler?: unknown } | null = handler as object
  for (let level = 0; level < mostLevels && typeof at === 'object' && at !== null; level++) {
    if (Array.isArray(at.history)) return at
    at = at.handler as typeof at
  }
  // The redirect interceptor leaves this option behind, if only as undefined.
  return Object.hasOwn(options, 'throwOnMaxRedirect') ? undefined : handler
}

/** Redirects followed so far in a chain, as far as that can be told. */
export function hopsOf(chain: object | undefined): number {
  const { history } = (chain ?? {}) as { history?: unknown }
  return Array.isArray(history) ? history.length : 0
}
