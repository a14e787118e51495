import type { OutgoingHttpHeaders } from 'node:http'
import type { Authorization } from '@latchkey/core'
import type { Options } from './wire.ts'

/** Headers as a list of names and values by turns, or as a record. */
export type Headers = string[] | OutgoingHttpHeaders

type Ours = Authorization['headers']

const isPair = (field: unknown): field is [string, string] => Array.isArray(field) && field.length === 2

/**
 * Headers in one of two forms. An iterable is read here, since it may be one that can be read once only, and a list of
 * pairs becomes a flat one, as undici's redirects make it.
 */
export function readHeaders(headers: Options['headers']): Headers | undefined {
  if (headers === undefined || headers === null) return undefined
  if (Array.isArray(headers) ? !headers.every(isPair) : !(Symbol.iterator in headers)) return headers as Headers
  return [...(headers as Iterable<string | [string, string]>)].flat()
}

// Names are what a program passed, which may be no text.
const isNamed = (given: unknown, name: string): boolean =>
  typeof given === 'string' && given.length === name.length && given.toLowerCase() === name

/** Whether a header is there under any spelling. */
export function hasHeader(headers: Headers, name: string): boolean {
  if (Array.isArray(headers)) return headers.some((given, at) => at % 2 === 0 && isNamed(given, name))
  // undici leaves out what is undefined.
  return Object.keys(headers).some((given) => isNamed(given, name) && headers[given] !== undefined)
}

const isOurs = (given: unknown, ours: Ours): boolean =>
  typeof given === 'string' && Object.hasOwn(ours, given.toLowerCase())

/** The same headers with ours set over what they have under these names. */
export function withHeaders(headers: Headers | undefined, ours: Ours): Headers {
  // Always a copy: ProxyAgent writes into the record it is given.
  if (headers === undefined) return { ...ours }
  if (Array.isArray(headers)) {
    const kept = headers.filter((_, at) => !isOurs(headers[at - (at % 2)], ours))
    return [...kept, ...Object.entries(ours).flat()]
  }
  const all: OutgoingHttpHeaders = { ...headers, ...ours }
  for (const given of Object.keys(headers)) if (!Object.hasOwn(ours, given) && isOurs(given, ours)) delete all[given]
  return all
}
