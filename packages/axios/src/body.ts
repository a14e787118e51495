import { Readable } from 'node:stream'
import { AxiosError, type InternalAxiosRequestConfig } from 'axios'

/** Whether a body can be sent again: false for Node's streams, those of the web, and `form-data`, which is one. */
export function isReplayable(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return true
  return !('pipe' in data) && !('getReader' in data) && !(Symbol.asyncIterator in data)
}

/**
 * A stream may fail while we wait for a token, before axios listens: unheard, that would end the process. Gives a check
 * to make before sending.
 */
export function watchBody(config: InternalAxiosRequestConfig): () => void {
  const data: unknown = config.data
  if (!(data instanceof Readable)) return () => {}
  data.on('error', () => {})
  return () => {
    if (data.errored) throw AxiosError.from(data.errored, undefined, config)
  }
}
