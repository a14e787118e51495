import { Readable } from 'node:stream'

/** Whether a body can be sent again: `uploadFile` of js-client opens a file once. */
export function isReplayable(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return true
  return !('pipe' in data) && !('getReader' in data) && !(Symbol.asyncIterator in data)
}

/**
 * A file may be missing, and say so while we wait for a token, before axios listens: unheard, that would end the process.
 * Gives a check to make before sending.
 */
export function watchBody(data: unknown): () => void {
  if (!(data instanceof Readable)) return () => {}
  data.on('error', () => {})
  return () => {
    if (data.errored) throw data.errored
  }
}
