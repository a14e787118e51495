import { AuthError, type Authorizer } from '@latchkey/core'
import type { HandlerFunction, Hooks, Options, Request } from 'got'
import { authorize, isAuthorizedByHand } from './authorize.ts'
import type { Call } from './call.ts'
import { isReplayable } from './replayable.ts'
import { answered, failed, heard, redirected } from './respond.ts'

/** What {@link withAuth} gives, for `got.extend`. */
export interface GotAuth {
  readonly handlers: HandlerFunction[]
  readonly hooks: Partial<Hooks>
}

type AnyHook = Hooks[keyof Hooks][number]

/** `afterResponse` hooks do not run for streams. Another handler may have made something else of ours. */
function listen(call: Call, stream: Request): void {
  if ('once' in stream) stream.once('response', () => heard(call, stream))
}

/**
 * What makes an instance's requests carry what the authorizer gives for their origin, renewed when the API refuses it:
 * `got.extend(withAuth(authorizer))`. What it has no answer for is sent as got sends it, and so is a request with an
 * `Authorization` header, a `username` or a `password` of its own, also one in the defaults of the instance.
 *
 * - Each hop of a redirect, each retry and each page is put to the authorizer, after all other `beforeRequest` hooks;
 *   after one hop that it does not serve no later one of that chain carries anything.
 * - A refused request is sent again with its body, except where that was a stream, and never with `got.stream`: then
 *   the answer is the caller's and the token is renewed for the next. This takes none of the retries in `retry.limit`.
 * - An abort is got's own `AbortError`. All else that fails on our side is a `RequestError` with the code of our
 *   `AuthError`, which is its `cause`: `authErrorOf(error)` of core finds it. Nothing of ours is in `error.options`.
 */
export function withAuth(authorizer: Authorizer): GotAuth {
  const ours = new WeakSet<AnyHook>()
  const isTheirs = (hook: AnyHook): boolean => !ours.has(hook)
  const own = <H extends AnyHook>(hook: H): H => {
    ours.add(hook)
    return hook
  }
  /** A page may come with the options of the page before. */
  const install = ({ hooks }: Options, call: Call): void => {
    hooks.beforeRequest = [...hooks.beforeRequest.filter(isTheirs), own((options) => authorize(call, options))]
    hooks.beforeRedirect = [
      own((options, response) => redirected(call, options, response)),
      ...hooks.beforeRedirect.filter(isTheirs),
    ]
    hooks.afterResponse = [
      own((response, retry) => answered(call, response, retry)),
      ...hooks.afterResponse.filter(isTheirs),
    ]
    hooks.beforeError = [own((error) => failed(call, error)), ...hooks.beforeError.filter(isTheirs)]
  }
  const handler: HandlerFunction = (options, next) => {
    // got calls handlers even when it could not make options; it reports that itself.
    if ((options as Options | undefined) === undefined) return next(options)
    const over = isAuthorizedByHand(options) || options.isHeaderExplicitlySet('authorization')
    const call: Call = {
      authorizer,
      replayable: isReplayable(options),
      over,
      hops: 0,
      sends: 0,
      carried: undefined,
      next: undefined,
    }
    const { calculateDelay } = options.retry
    // Users switch retries off with a delay of 0, which would stop our sending again too.
    options.retry.calculateDelay = (retry) =>
      call.next === undefined ? (calculateDelay?.(retry) ?? retry.computedValue) : 1
    install(options, call)
    const result = next(options)
    if (options.isStream) listen(call, result as Request)
    return result
  }
  const requireHandler: Hooks['beforeRequest'][number] = ({ hooks }) => {
    if (hooks.beforeRequest.some((hook) => ours.has(hook))) return
    throw new AuthError(
      'CONFIG_INVALID',
      'withAuth(…) is for got.extend(…): as options of one request got ignores half of it.',
    )
  }
  return { handlers: [handler], hooks: { beforeRequest: [requireHandler] } }
}
