import { type Authorization, type Authorizer, publish, sendAuthorized } from '@latchkey/core'
import { type AxiosAdapter, AxiosError, type AxiosResponse, type InternalAxiosRequestConfig, isAxiosError } from 'axios'
import { answerOf, discard } from './answer.ts'
import { isReplayable } from './body.ts'
import { type Hop, headersWith, redirectError, redirectedHop, targetOf } from './hop.ts'
import { type Limits, timeoutMessage } from './limits.ts'

/** One call of axios. */
export interface Call {
  /** As axios gave it to the adapter. */
  readonly config: InternalAxiosRequestConfig
  readonly authorizer: Authorizer
  /** The adapter that sends. */
  readonly send: AxiosAdapter
  readonly limits: Limits
  /** How many redirects we follow; `undefined`: the adapter does with them what it does. */
  readonly mostRedirects: number | undefined
}

/** An answer, and what axios makes of its status. */
interface Outcome {
  readonly response: AxiosResponse
  readonly error?: AxiosError
}

const nothing: Authorization = { headers: {} }

async function sendHop(call: Call, hop: Hop, ours: Authorization['headers']): Promise<Outcome> {
  const timeout = call.limits.remaining()
  const config: InternalAxiosRequestConfig = { ...hop.config, headers: headersWith(hop, ours) }
  if (call.mostRedirects !== undefined) config.maxRedirects = 0
  if (timeout > 0) Object.assign(config, { timeout, timeoutErrorMessage: timeoutMessage(call.config) })
  try {
    return { response: await call.send(config) }
  } catch (error) {
    if (!isAxiosError(error)) throw error
    error.config = call.config
    if (error.response === undefined) throw error
    return { response: error.response, error }
  }
}

/** The next hop, or nothing where the answer is the caller's. */
function nextHop(call: Call, hop: Hop, { response }: Outcome, count: number): Hop | undefined {
  if (call.mostRedirects === undefined) return undefined
  const target = targetOf(hop, response)
  if (target === undefined) return undefined
  if (count < call.mostRedirects) return redirectedHop(hop, response, target)
  throw new AxiosError(
    'Maximum number of redirects exceeded',
    'ERR_FR_TOO_MANY_REDIRECTS',
    call.config,
    response.request,
  )
}

/** What the caller gets: axios' own answer or error, with the caller's own configuration in it. */
function finish({ config }: Call, hop: Hop, { response, error }: Outcome): AxiosResponse {
  response.config = config
  const { res } = (response.request ?? {}) as { res?: { responseUrl?: string } }
  // Where users of axios look for the address that answered.
  if (res !== undefined) res.responseUrl = hop.url.href
  if (error !== undefined) throw error
  return response
}

/**
 * Sends an authorized call and follows its redirects, asking the authorizer for each hop. Once it has nothing for one,
 * no later hop is put to it.
 */
export async function follow(call: Call, start: Hop, first: Authorization): Promise<AxiosResponse> {
  const { signal } = call.limits
  let hop = start
  let authorization = first
  for (let count = 0; ; count++) {
    const current = hop
    const { method } = current
    const replayable = isReplayable(current.config.data)
    const outcome = await sendAuthorized<Outcome>(authorization, {
      send: (ours) => sendHop(call, current, ours),
      answer: ({ response }) => ({
        ...answerOf(response, { method, replayable, signal }),
        request: { method, url: current.url, signal },
      }),
      discard: ({ response }) => discard(response),
    })
    let next: Hop | undefined
    try {
      next = nextHop(call, current, outcome, count)
    } catch (error) {
      await discard(outcome.response)
      throw redirectError(error, call.config, outcome.response)
    }
    if (next === undefined) return finish(call, current, outcome)
    await discard(outcome.response)
    hop = next
    if (authorization === nothing) continue
    authorization = (await call.authorizer({ method: hop.method, url: hop.url, signal })) ?? nothing
    if (authorization === nothing) publish('latchkey:left-origins', () => ({ origin: next.url.origin, hop: count + 1 }))
  }
}
