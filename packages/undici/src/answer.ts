import type { Answer, OutgoingRequest } from '@latchkey/core'
import { isReplayable } from './body.ts'
import type { Hold } from './hold.ts'
import type { Controller, Fields } from './wire.ts'

/** A final response that has begun. */
export interface Response {
  readonly controller: Controller
  readonly status: number
  readonly headers: Fields
  readonly statusText: string | undefined
}

function field(headers: Fields, name: string): string | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  return Array.isArray(value) ? value.join(', ') : (value ?? null)
}

/**
 * What an authorizer may see of a response.
 *
 * @param held begins to keep the body, or gives what keeps it
 */
export function answerOf(
  { status, headers }: Response,
  { body, request }: { readonly body: unknown; readonly request: OutgoingRequest },
  held: () => Hold,
): Answer {
  return {
    status,
    request,
    replayable: isReplayable(body),
    signal: request.signal,
    header: (name) => field(headers, name.toLowerCase()),
    text: async () => (request.method === 'HEAD' ? '' : held().text()),
  }
}
