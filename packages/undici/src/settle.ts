import type { Authorization, OutgoingRequest } from '@latchkey/core'
import { answerOf, type Response } from './answer.ts'
import { bin } from './bin.ts'
import { isReplayable } from './body.ts'
import type { Caller } from './caller.ts'
import { type Hold, hold } from './hold.ts'
import type { Sink } from './wire.ts'

/** One send of a request, as far as its answer is concerned. */
export interface Sent {
  readonly request: OutgoingRequest
  readonly body: unknown
  readonly caller: Caller
  /** The body of the response goes there from now on. */
  divert(to: Sink): void
  /** Sends once more; absent where that has been done often enough. */
  readonly again: ((authorization: Authorization) => void) | undefined
}

/** Gives a held response to the caller, whole. */
function release(caller: Caller, response: Response, held: Hold): void {
  const { controller, status, headers, statusText } = response
  caller.own()
  try {
    caller.handler.onResponseStart?.(caller.controller, status, headers, statusText)
    held.pour(caller)
  } catch (error) {
    // As undici has it where a handler throws.
    controller.abort(error as Error)
    caller.error(error as Error)
  }
  if (!caller.controller.paused) controller.resume()
}

/** Gets rid of a held response. */
function throwAway({ divert }: Sent, { controller }: Response, held: Hold, emptied: () => void): void {
  const away = bin(controller, emptied)
  divert(away)
  held.pour(away)
  controller.resume()
}

/** Sees to a held response once the authorizer knows what it means. */
async function settle(
  sent: Sent,
  response: Response,
  held: Hold,
  verdict: Promise<Authorization | undefined>,
): Promise<void> {
  const { again, body, caller, divert } = sent
  try {
    const next = await verdict
    if (caller.isGone()) return
    if (next !== undefined && again !== undefined && isReplayable(body)) {
      return throwAway(sent, response, held, () => again(next))
    }
    divert(caller)
    release(caller, response, held)
  } catch (error) {
    if (caller.isGone()) return
    throwAway(sent, response, held, () => {})
    caller.error(error as Error)
  }
}

/**
 * Puts a final response to the authorizer.
 *
 * @returns true when it is held until the authorizer knows what it means
 */
export function consult(sent: Sent, { answered }: Authorization, response: Response): boolean {
  if (answered === undefined) return false
  let held: Hold | undefined
  const holding = (): Hold => (held ??= hold(response.controller, response.headers))
  const verdict = answered(answerOf(response, sent, holding))
  if (verdict === undefined) return false
  const kept = holding()
  sent.divert(kept)
  void settle(sent, response, kept, verdict)
  return true
}
