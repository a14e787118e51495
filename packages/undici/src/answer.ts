import type { Answer } from '@latchkey/core'
import { isReplayable } from './body.ts'
import type { Hold } from './hold.ts'
import type { Controller, Fields, Options } from './wire.ts'

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
  { body, method }: Options,
  signal: AbortSignal,
  held: () => Hold,
): Answer {
  return {
    status,
    replayable: isReplayable(body),
    signal,
    header: (name) => field(headers, name.toLowerCase()),
    text: async () => (method === 'HEAD' ? '' : held().text()),
  }
}
