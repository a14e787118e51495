import type { AuthError } from '../errors.ts'

/** What of a body is read, and until when. */
interface BodyBounds {
  /** Bytes after decoding. */
  readonly longest: number
  readonly signal: AbortSignal
  /** The error for a body that will not do. */
  readonly unfit: (what: string) => AuthError
}

/**
 * The body as text. Whatever ends the reading early also ends the transfer.
 *
 * @throws `unfit` for a body over the longest, or not UTF-8
 */
export async function bodyText({ body }: Response, bounds: BodyBounds): Promise<string> {
  if (body === null) return ''
  const { signal } = bounds
  const reader = body.getReader()
  const stop = (): void => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await textFrom(reader, bounds)
  } catch (error) {
    stop()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

interface Chunks {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
}

async function textFrom(chunks: Chunks, { longest, unfit }: BodyBounds): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await chunks.read()
    size += value?.byteLength ?? 0
    if (size > longest) throw unfit(`more than ${longest / 1024 / 1024} MiB where some kilobytes were due`)
    try {
      text += done ? decoder.decode() : decoder.decode(value, { stream: true })
    } catch {
      throw unfit('an answer that is not UTF-8')
    }
    if (done) return text
  }
}
