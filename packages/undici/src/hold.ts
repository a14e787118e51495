import { decoded } from './decoded.ts'
import type { Controller, Fields, Sink } from './wire.ts'

/** The most that is looked at of an answer. */
const most = 64 * 1024

/** A response that is nobody's yet. */
export interface Hold extends Sink {
  /** At most its first 64 KiB, decoded. */
  text(): Promise<string>
  /** Gives what came so far to whom it belongs. */
  pour(to: Sink): void
}

/** Keeps what comes of a response until it is known whose it is: 64 KiB, then the connection has to wait. */
export function hold(controller: Controller, headers: Fields): Hold {
  const chunks: Buffer[] = []
  let size = 0
  let ending: ((to: Sink) => void) | undefined
  let enough: (() => void) | undefined
  let text: Promise<string> | undefined

  const ended = (how: (to: Sink) => void): void => {
    ending = how
    enough?.()
  }
  const read = async (): Promise<string> => {
    if (ending === undefined && size < most) {
      await new Promise<void>((resolve) => {
        enough = resolve
      })
    }
    return decoded(Buffer.concat(chunks), headers['content-encoding'], most)
  }
  return {
    data: (chunk) => {
      chunks.push(chunk)
      size += chunk.length
      if (size < most) return
      controller.pause()
      enough?.()
    },
    end: (trailers) => ended((to) => to.end(trailers)),
    error: (error) => ended((to) => to.error(error)),
    text: () => (text ??= read()),
    pour: (to) => {
      for (const chunk of chunks) to.data(chunk)
      ending?.(to)
    },
  }
}
