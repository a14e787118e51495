import type { Authorization, Authorizer } from '@latchkey/core'

/** One call of got, over its redirects and retries. */
export interface Call {
  readonly authorizer: Authorizer
  /** False when the body can be sent once only. */
  readonly replayable: boolean
  /** Nothing of ours happens any more: the caller authorized it by hand, or a hop has left our origins. */
  over: boolean
  /** Redirects so far. */
  hops: number
  /** Times that the hop under way was sent. */
  sends: number
  /** What the hop under way carries, until its answer is there. */
  carried: Authorization | undefined
  /** What the hop is to be sent again with. */
  next: Authorization | undefined
}
