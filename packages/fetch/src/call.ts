import type { OutgoingRequest } from '@latchkey/core'
import { type HeaderInput, hasHeader } from './headers.ts'

/** One call of `fetch`, as far as it has to be known before it is sent. */
export interface Call extends OutgoingRequest {
  /** Where the caller gave one. */
  readonly request: Request | undefined
  /** A copy: the caller may change theirs while we wait for a token. */
  readonly init: RequestInit
  readonly headers: HeaderInput | undefined
  readonly redirect: 'follow' | 'manual' | 'error'
}

type Input = Parameters<typeof globalThis.fetch>[0]

// No `instanceof`: a Request may come from another copy of undici.
const isRequest = (input: Input): input is Request =>
  typeof input === 'object' && 'headers' in input && typeof input.url === 'string'

/** Only these are sent in upper case however they were written (Fetch, "normalize a method"). */
const normalized = /^(?:delete|get|head|options|post|put)$/i

/**
 * Reads a call. `undefined`: it is none of ours, because the caller authorized it by hand or because `fetch` itself
 * has to say what is wrong with it.
 */
export function readCall(input: Input, given: RequestInit | undefined): Call | undefined {
  const init = { ...given }
  const request = isRequest(input) ? input : undefined
  const headers = init.headers ?? request?.headers
  if (headers !== undefined && hasHeader(headers, 'authorization')) return undefined
  const address = typeof input === 'string' ? input : 'href' in input ? input.href : input.url
  if (!URL.canParse(address)) return undefined
  const method = init.method ?? request?.method ?? 'GET'
  return {
    method: normalized.test(method) ? method.toUpperCase() : method,
    url: new URL(address),
    signal: (init.signal === undefined ? request?.signal : init.signal) ?? undefined,
    request,
    init,
    headers,
    redirect: init.redirect ?? request?.redirect ?? 'follow',
  }
}
