import type { EventEmitter } from 'node:events'

const isStream = (body: unknown): body is EventEmitter =>
  typeof body === 'object' && body !== null && 'pipe' in body && 'on' in body

/** Whether undici can send a body more than once: not what is read while it is sent. */
export function isReplayable(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return true
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer || body instanceof Blob || Array.isArray(body))
    return true
  // undici's own FormData, the only one that it takes.
  return Object.prototype.toString.call(body) === '[object FormData]'
}

const nothing = (): void => {}

/**
 * Listens for the failure of a stream that nobody reads yet: an `error` event without a listener would end the process.
 *
 * @returns what ends the listening, once undici listens itself
 */
export function watchBody(body: unknown, failed: (error: Error) => void): () => void {
  if (!isStream(body)) return nothing
  body.on('error', failed)
  return () => void body.off('error', failed)
}
