import type { Options } from 'got'

/**
 * Whether got can send a request twice, as got itself sees it: not a stream, nor an iterator, which starts once. Asked
 * before got makes a stream of FormData.
 */
export function isReplayable({ body, isStream }: Pick<Options, 'body' | 'isStream'>): boolean {
  if (isStream) return false
  if (typeof body !== 'object' || body === null) return true
  return !('pipe' in body) && !('getReader' in body) && !('next' in body)
}
