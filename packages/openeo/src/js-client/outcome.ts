import { Readable } from 'node:stream'
import type { OutgoingRequest } from '@latchkey/core'
import { axiosOf, type RequestConfig, type Response } from './internals.ts'

/** An answer, and what axios makes of its status. */
export interface Outcome {
  readonly response: Response
  readonly error?: Error
  /** Whether it came from another origin, by redirects. */
  readonly elsewhere: boolean
}

/** What was sent, as the caller knows it. */
export interface Sent {
  readonly config: RequestConfig
  readonly request: OutgoingRequest
}

/**
 * What became of a request, with the caller's own configuration in it.
 *
 * js-client prints the errors of downloads to the console, and a program may print any other: where Node's request
 * would stand in one, with the token in it, there is its method and path, and a body leads back to nothing.
 */
export async function outcomeOf(answer: Promise<Response>, { config, request }: Sent): Promise<Outcome> {
  try {
    const response = await answer
    response.config = config
    return { response, elsewhere: isElsewhere(response, request) }
  } catch (error) {
    if (!axiosOf().isAxiosError(error)) throw error
    const { response } = error
    const elsewhere = response !== undefined && isElsewhere(response, request)
    const shown = { method: request.method, path: request.url.pathname }
    Object.assign(error, { config, request: shown })
    if (response === undefined) throw error
    const data: unknown = response.data
    const body = data instanceof Readable ? Readable.from(data, { objectMode: false }) : data
    Object.assign(response, { config, request: shown, data: body })
    return { response, error, elsewhere }
  }
}

function isElsewhere(response: Response, { url }: OutgoingRequest): boolean {
  const { res } = (response.request ?? {}) as { readonly res?: { readonly responseUrl?: string } }
  const from = URL.parse(res?.responseUrl ?? '')
  return from !== null && from.origin !== url.origin
}
