import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

/** How a scripted issuer answers one request. */
export interface Reply {
  /** Default 200. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  /** An object is sent as JSON, with its content type unless `headers` has one. */
  readonly body?: string | Uint8Array | object | undefined
  /** Milliseconds before anything is sent. */
  readonly delay?: number | undefined
  /**
   * What goes wrong instead of a whole answer:
   * `silent` accepts and never answers · `reset` ends the connection before the headers · `cut` in the middle of the
   * body · `trickle` a byte every 20 ms, for ever · `endless` a body without end · `bomb` 64 MiB in a small gzip
   */
  readonly fault?: 'silent' | 'reset' | 'cut' | 'trickle' | 'endless' | 'bomb' | undefined
}

type Sender = (response: ServerResponse) => void | Promise<void>

/** Sends the same bytes again and again, as fast as they are read, until the other side has gone. */
async function pour(response: ServerResponse, chunk: Buffer, pause: number): Promise<void> {
  const forever = async function* (): AsyncGenerator<Buffer> {
    for (;;) {
      yield chunk
      if (pause > 0) await delay(pause)
    }
  }
  await pipeline(forever, response).catch(() => {})
}

const faults: Readonly<Record<NonNullable<Reply['fault']>, (body: Buffer) => Sender>> = {
  silent: () => () => {},
  reset: () => (response) => {
    response.socket?.resetAndDestroy()
  },
  cut: (body) => (response) => {
    response.setHeader('content-length', body.length + 10)
    response.write(body.subarray(0, Math.ceil(body.length / 2)), () => response.socket?.destroy())
  },
  trickle: () => (response) => pour(response, Buffer.from(' '), 20),
  endless: () => (response) => pour(response, Buffer.alloc(65_536, ' '), 0),
  bomb: () => (response) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync(Buffer.alloc(64 * 1024 * 1024, ' ')))
  },
}

function bytes(body: Reply['body']): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body as string)
  return Buffer.from(JSON.stringify(body))
}

/** Sends a reply, or its fault. */
export async function sendReply(response: ServerResponse, reply: Reply): Promise<void> {
  if (reply.delay !== undefined) await delay(reply.delay)
  if (response.destroyed) return
  response.statusCode = reply.status ?? 200
  const isJson = typeof reply.body === 'object' && !(reply.body instanceof Uint8Array)
  if (isJson) response.setHeader('content-type', 'application/json')
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    response.setHeader(name, typeof value === 'string' ? value : [...value])
  }
  const body = bytes(reply.body)
  if (reply.fault === undefined) response.end(body)
  else await faults[reply.fault](body)(response)
}
