import { Readable } from 'node:stream'
import type { Answer, OutgoingRequest } from '@latchkey/core'
import type { Response } from './internals.ts'
import type { Outcome } from './outcome.ts'

/** The most that is looked at of a refusal. */
const most = 64 * 1024

async function* both(read: readonly Uint8Array[], rest: Readable): AsyncGenerator<Uint8Array> {
  yield* read
  yield* rest as AsyncIterable<Uint8Array>
}

/** The first 64 KiB of a response; whoever reads it afterwards still gets all of it. */
async function peek(response: Response): Promise<string> {
  const data: unknown = response.data
  if (typeof data === 'string') return data.slice(0, most)
  if (!(data instanceof Readable)) return ''
  const read: Uint8Array[] = []
  let size = 0
  const chunks = data.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>
  for await (const chunk of chunks) {
    read.push(chunk)
    size += chunk.length
    if (size >= most) break
  }
  response.data = Readable.from(both(read, data), { objectMode: false })
  return Buffer.concat(read).subarray(0, most).toString()
}

/** What an authorizer may see of an outcome. What another origin says of a token is not said of ours. */
export function answerOf({ response, elsewhere }: Outcome, request: OutgoingRequest, replayable: boolean): Answer {
  return {
    status: response.status,
    request,
    replayable,
    signal: request.signal,
    header: (name) => {
      const value: unknown = response.headers[name]
      return Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : null
    },
    text: async () => (elsewhere ? '' : peek(response)),
  }
}
