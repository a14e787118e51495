import { Readable } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'
import type { Answer } from '@latchkey/core'
import { AxiosHeaders, type AxiosResponse } from 'axios'

/** The most that is looked at of a refusal, and read to its end so that its connection can be used again. */
const most = 64 * 1024

/** ms that the rest of a refused answer may take; then its connection is given up. */
const patience = 100

/** One field of a response, its lines joined by ", "; null when absent. */
export function headerOf(response: AxiosResponse, name: string): string | null {
  const value = AxiosHeaders.from(response.headers as AxiosHeaders).get(name) as string | readonly string[] | undefined
  return typeof value === 'object' ? value.join(', ') : (value ?? null)
}

const decode = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()

/** The first 64 KiB of a stream, and what was read of it. */
async function begin(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ readonly text: string; readonly read: Uint8Array[] }> {
  const read: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stream) {
    read.push(chunk)
    bytes += chunk.length
    if (bytes >= most) break
  }
  return { text: decode(Buffer.concat(read).subarray(0, most)), read }
}

/** The same for one half of a stream of the web. */
async function beginHalf(half: WebStream<Uint8Array>): Promise<string> {
  const { text } = await begin(half.values({ preventCancel: true }))
  // Not awaited: it ends when the other half does.
  half.cancel().catch(() => {})
  return text
}

async function* both(read: readonly Uint8Array[], rest: Readable): AsyncGenerator<Uint8Array> {
  yield* read
  yield* rest as AsyncIterable<Uint8Array>
}

/** The first 64 KiB of a response in whatever form the caller asked for it; the caller still gets all of it. */
async function peek(response: AxiosResponse): Promise<string> {
  const data: unknown = response.data
  if (typeof data === 'string') return decode(Buffer.from(data.slice(0, most)).subarray(0, most))
  if (data instanceof ArrayBuffer) return decode(new Uint8Array(data).subarray(0, most))
  if (data instanceof Uint8Array) return decode(data.subarray(0, most))
  if (data instanceof Blob) return data.slice(0, most).text()
  if (data instanceof Response) return data.body === null ? '' : beginHalf(data.clone().body as WebStream<Uint8Array>)
  if (data instanceof ReadableStream) {
    const [kept, seen] = (data as ReadableStream<Uint8Array>).tee()
    response.data = kept
    return beginHalf(seen)
  }
  if (!(data instanceof Readable)) return ''
  const { text, read } = await begin(data.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>)
  response.data = Readable.from(both(read, data), { objectMode: false })
  return text
}

/** What an authorizer may see of a response. */
export function answerOf(
  response: AxiosResponse,
  hop: { readonly method: string; readonly replayable: boolean; readonly signal: AbortSignal | undefined },
): Answer {
  let text: Promise<string> | undefined
  return {
    status: response.status,
    replayable: hop.replayable,
    signal: hop.signal,
    header: (name) => headerOf(response, name),
    text: () => (text ??= hop.method === 'HEAD' ? Promise.resolve('') : peek(response)),
  }
}

function streamOf(data: unknown): Readable | undefined {
  if (data instanceof Readable) return data
  const body = data instanceof Response ? data.body : data
  return body instanceof ReadableStream ? Readable.fromWeb(body) : undefined
}

/** Gets rid of a response. axios has read it, unless a stream was asked for: then as much of it as is near. */
export async function discard({ data }: AxiosResponse): Promise<void> {
  const stream = streamOf(data)
  if (stream === undefined) return
  const timer = setTimeout(() => stream.destroy(), patience)
  try {
    let seen = 0
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      seen += chunk.length
      if (seen > most) break
    }
  } catch {
    // The connection broke, or the caller aborted: what is sent next will tell.
  } finally {
    clearTimeout(timer)
  }
}
