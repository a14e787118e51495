/** One hop about to leave. */
export interface OutgoingRequest {
  /** As sent, upper case. */
  readonly method: string
  /** Absolute, with its query. */
  readonly url: URL
  readonly signal?: AbortSignal | undefined
}

/** The answer to one hop, as far as an authorizer may see it. */
export interface Answer {
  readonly status: number
  /** What it answers; for diagnostics, where the adapter says it. */
  readonly request?: OutgoingRequest | undefined
  /** False when the request body is gone: renew for the next caller, but the adapter will not send again. */
  readonly replayable: boolean
  readonly signal?: AbortSignal | undefined
  /** One field, its lines joined by ", "; null when absent. */
  header(name: string): string | null
  /** At most the first 64 KiB, decoded; what the caller reads afterwards is still whole. `''` for HEAD and where it cannot be looked at. */
  text(): Promise<string>
}

/** What one hop carries, and what to do about its answer. */
export interface Authorization {
  /** Lower-case names. Set over whatever the request has under that name. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Told of every final answer to the hop (not of 1xx). A promise of another Authorization: send the hop once more
   * with that one. Nothing, or a promise of nothing: the answer is the caller's. A good answer is answered at once,
   * so it costs no await. A rejected promise is what the call fails with. The authorizer counts, and the chain it
   * gives is finite; adapters only cap at four sends.
   */
  readonly answered?: (answer: Answer) => Promise<Authorization | undefined> | undefined
}

/**
 * Decides about one hop. `undefined`, always and only: this hop carries none of these credentials.
 * The redirect rule: each hop is put to it with its own URL and method, and a hop answered `undefined` ends it; no
 * later hop of that chain is authorized, not even back on an allowed origin.
 */
export type Authorizer = ((request: OutgoingRequest) => Promise<Authorization | undefined>) & {
  /** The origins it serves, where it says so. */
  readonly origins?: readonly string[]
}
