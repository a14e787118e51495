import type { Dispatcher } from 'undici'

// undici's own names, shorter.
export type Options = Dispatcher.DispatchOptions
export type Handler = Dispatcher.DispatchHandler
export type Controller = Dispatcher.DispatchController
export type Fields = Parameters<NonNullable<Handler['onResponseStart']>>[2]

/** Where the body of a response goes. */
export interface Sink {
  data(chunk: Buffer): void
  end(trailers: Fields): void
  error(error: Error): void
}
