import type { Answer } from '@latchkey/core'
import type { Hooks, Options, Request } from 'got'
import { release } from './authorize.ts'
import type { Call } from './call.ts'

type BeforeRedirect = Hooks['beforeRedirect'][number]
type AfterResponse = Hooks['afterResponse'][number]
type BeforeError = Hooks['beforeError'][number]
type Received = Pick<Parameters<BeforeRedirect>[1], 'statusCode' | 'headers'> & { readonly rawBody?: Uint8Array }

/** The most that is looked at of a refusal. */
const most = 64 * 1024

/** A belt: authorizers count for themselves, and three reasons to send again are all there are. */
const mostSends = 4

/** Where an answer came that no `afterResponse` hook sees: to a stream, or with JSON that is none. */
const afterAnswer: ReadonlySet<string> = new Set(['ERR_NON_2XX_3XX_RESPONSE', 'ERR_BODY_PARSE_FAILURE'])

type Sent = Pick<Options, 'method' | 'url' | 'signal'>

function answerOf(response: Received, { method, url, signal }: Sent, replayable = false): Answer {
  return {
    status: response.statusCode,
    // Only diagnostics look at it.
    get request() {
      return { method, url: new URL(url ?? ''), signal }
    },
    replayable,
    signal,
    header: (name) => {
      const value = response.headers[name]
      return Array.isArray(value) ? value.join(', ') : (value ?? null)
    },
    text: async () => new TextDecoder().decode(response.rawBody?.subarray(0, most)),
  }
}

/** A redirect is an answer too. The next hop starts with nothing of ours. */
export async function redirected(call: Call, ...[options, response]: Parameters<BeforeRedirect>): Promise<void> {
  const carried = release(call, options)
  call.hops += 1
  await carried?.answered?.(answerOf(response, options))
}

/** Puts an answer to the authorizer, and sends again where it has something better. */
export async function answered(
  call: Call,
  ...[response, retry]: Parameters<AfterResponse>
): Promise<Awaited<ReturnType<AfterResponse>>> {
  const { options } = response.request
  const carried = release(call, options)
  const verdict = carried?.answered?.(answerOf(response, options, call.replayable))
  if (verdict === undefined) return response
  const next = await verdict
  if (next === undefined || !call.replayable || call.sends >= mostSends) return response
  call.next = next
  // It takes none of the caller's retries.
  options.retry.limit = (options.retry.limit ?? 0) + 1
  // The caller's own hooks see the answer that counts.
  return retry({ preserveHooks: true })
}

/** Nothing of ours stays in an error. What failed after its answer is put to the authorizer for the next call. */
export async function failed(call: Call, ...[error]: Parameters<BeforeError>): Promise<Error> {
  const carried = release(call, error.options)
  const { response } = error
  if (response !== undefined && afterAnswer.has(error.code)) {
    await carried?.answered?.(answerOf(response, error.options))
  }
  return error
}

/** A stream's answer is the caller's; the authorizer is told of it for the next call. */
export function heard(call: Call, { options, response }: Request): void {
  const carried = release(call, options)
  if (response === undefined) return
  // What fails in a renewal fails again in the next call, where somebody waits for it.
  carried?.answered?.(answerOf(response, options))?.catch(() => {})
}
