import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on loopback, at a port the kernel chose. */
export interface Listening {
  readonly server: Server
  /** `http://127.0.0.1:PORT`, or with `localhost` where that was asked for. */
  readonly origin: string
  /** Ends every connection, also those that never got their answer. */
  close(): Promise<void>
}

/** Starts a server; `handler` may be made once the origin is known. */
export async function listen(makeHandler: (origin: string) => RequestListener): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 60_000 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.on('request', makeHandler(origin))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { server, origin, close }
}
