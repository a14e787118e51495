import { abandonable, type Client, stateOf } from '../client/client.ts'
import type { DpopKey } from '../dpop/dpop-key.ts'
import { AuthError, type IssuerError, isAuthError } from '../errors.ts'
import { jsonObject } from '../issuer/json.ts'
import { pausing } from '../issuer/retry.ts'
import { isGranted, type PostOptions, postForm, tokenRefusal } from '../issuer/token-request.ts'

/** RFC 8628 section 3.5. */
const slowDownMs = 5_000
/** The shortest pause between two polls, and the longest that a server may begin with or ask for by `Retry-After`. */
const shortestPauseMs = 1_000
const longestPauseMs = 60_000
/** How often network trouble doubles the pause. */
const mostDoublings = 3

/** A login that a person decides on elsewhere, and how long to ask how often. */
export interface Awaited {
  readonly lifetimeMs: number
  readonly intervalMs: number
}

interface PollOptions {
  /** Tells the person what to do, while the polling has begun. */
  readonly shown: () => void | Promise<void>
  readonly signal?: AbortSignal | undefined
  readonly dpopKey?: DpopKey | undefined
}

/**
 * Polls until the person has decided (RFC 8628 section 3.4, OpenID Connect CIBA section 10.1); gives the body of the token
 * answer, unparsed.
 */
export async function pollForTokens(
  client: Client,
  form: URLSearchParams,
  awaited: Awaited,
  options: PollOptions,
): Promise<string> {
  const ended = new AbortController()
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal])
  const endsAt = stateOf(client).access.clock.monotonic() + awaited.lifetimeMs
  // The prompt ends the login only by failing; that it has been shown decides nothing.
  const failed = started(options.shown).then(() => new Promise<never>(() => undefined))
  const work = Promise.race([failed, polling(client, form, awaited, { signal, endsAt, dpopKey: options.dpopKey })])
  try {
    return await abandonable(work, options.signal)
  } finally {
    ended.abort()
  }
}

// A prompt that throws at once must fail the login like one that rejects.
async function started(shown: PollOptions['shown']): Promise<void> {
  await shown()
}

interface Polling extends PostOptions {
  readonly signal: AbortSignal
  /** On the monotonic clock. */
  readonly endsAt: number
}

async function polling(
  client: Client,
  form: URLSearchParams,
  awaited: Awaited,
  { signal, endsAt, dpopKey }: Polling,
): Promise<string> {
  const { clock } = stateOf(client).access
  // A code that ends before its first poll could never be used.
  const first = Math.min(awaited.intervalMs, longestPauseMs, awaited.lifetimeMs - shortestPauseMs)
  let pace: Pace = { intervalMs: Math.max(first, shortestPauseMs), troubles: 0, pauseMs: first }
  for (;;) {
    const pause = Math.max(pace.pauseMs, pace.intervalMs)
    const left = Math.max(endsAt - clock.monotonic(), 0)
    await pausing(clock, Math.min(pause, left), signal)
    if (left <= pause) throw expired(client)
    const poll = await once(client, form, pace, { signal, dpopKey })
    if (typeof poll === 'string') return poll
    pace = poll
  }
}

function expired({ issuer }: Client): AuthError {
  return new AuthError('LOGIN_EXPIRED', `The login was not approved in time at ${issuer}. Start the login again.`)
}

/** How fast to go on. */
interface Pace {
  /** What the issuer wants between two polls; only grows. */
  readonly intervalMs: number
  /** Polls in a row that did not come through. */
  readonly troubles: number
  /** Before the next poll, if more than the interval. */
  readonly pauseMs: number
}

/** One poll: the answer, or how to go on. */
async function once(client: Client, form: URLSearchParams, pace: Pace, options: PostOptions): Promise<string | Pace> {
  try {
    const answer = await postForm(client, 'token_endpoint', form, options)
    if (isGranted(answer)) return answer.text
    const refusal = tokenRefusal(client, form, answer)
    return paceAfter(refusal, pace, Number(jsonObject(answer.text)?.['interval']) * 1000)
  } catch (error) {
    // RFC 8628 section 3.5: what did not come through is tried again, more slowly.
    if (isAuthError(error) && (error.code === 'NETWORK' || error.code === 'TIMEOUT')) return slower(pace)
    throw error
  }
}

/** @param wanted the interval in a `slow_down`, which some issuers name; milliseconds or NaN */
function paceAfter(error: IssuerError, pace: Pace, wanted: number): Pace {
  const { error: said, status, retryAfter = 0 } = error.refusal
  const calm = { intervalMs: pace.intervalMs, troubles: 0, pauseMs: Math.min(retryAfter, longestPauseMs) }
  if (said === 'authorization_pending') return calm
  // 429 is a gateway's way of saying slow_down.
  if (said === 'slow_down' || status === 429) {
    const named = wanted <= longestPauseMs ? wanted : 0
    return { ...calm, intervalMs: Math.max(pace.intervalMs + slowDownMs, named) }
  }
  if (error.code !== 'SERVER_ERROR') throw error
  const next = slower(pace)
  return { ...next, pauseMs: Math.max(next.pauseMs, calm.pauseMs) }
}

function slower({ intervalMs, troubles }: Pace): Pace {
  const pauseMs = Math.min(intervalMs * 2 ** Math.min(troubles + 1, mostDoublings), longestPauseMs)
  return { intervalMs, troubles: troubles + 1, pauseMs }
}
