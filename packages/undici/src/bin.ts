import { errors } from 'undici'
import type { Controller, Sink } from './wire.ts'

/** The most that is read of an answer that nobody wants, so that its connection can be used again. */
const most = 256 * 1024

/** ms that this may take; then the connection is given up. */
const patience = 100

/** Takes in the rest of a refused response, or cuts it off where that is far; then calls `emptied`, once. */
export function bin(controller: Controller, emptied: () => void): Sink {
  let size = 0
  let over = false
  const done = (): void => {
    if (over) return
    over = true
    clearTimeout(timer)
    // undici frees a connection one turn of the event loop after it has told the end.
    setImmediate(() => setImmediate(emptied))
  }
  const cut = (): void => {
    controller.abort(new errors.RequestAbortedError())
    done()
  }
  const timer = setTimeout(cut, patience)
  return {
    data: (chunk) => {
      size += chunk.length
      if (size > most) cut()
    },
    end: done,
    error: done,
  }
}
