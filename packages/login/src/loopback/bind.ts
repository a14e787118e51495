import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AuthError } from '@latchkey/core'
import { limitConnections } from './connections.ts'

/** How this machine is called in a redirect URI (RFC 8252 section 7.3). */
export type LoopbackHost = '127.0.0.1' | '[::1]' | 'localhost'

/** Servers of one handler at one port of the loopback interfaces. */
export interface Bound {
  readonly port: number
  readonly servers: readonly Server[]
}

/** Ports that the kernel offers for 127.0.0.1 and that somebody holds on ::1: so often is another one asked for. */
const mostOffers = 10

const isTaken = (error: unknown): boolean =>
  ['EADDRINUSE', 'EACCES'].includes(String((error as NodeJS.ErrnoException).code))

const isAbsent = (error: unknown): boolean =>
  ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'ENOTSUP'].includes(String((error as NodeJS.ErrnoException).code))

/**
 * Listens on 127.0.0.1 and ::1, on the same port, and nowhere else. A machine may lack ::1. Where the host is an IP
 * address, the other family is taken if it can be had; `localhost` may mean either, so with it both are ours or the
 * port counts as taken: else another program could be asked in our place.
 *
 * @param ports tried in order; 0 lets the kernel choose
 * @throws `CONFIG_INVALID` when all are taken, naming them
 */
export async function bindLoopback(
  handler: RequestListener,
  host: LoopbackHost,
  ports: readonly number[],
): Promise<Bound> {
  for (const port of ports) {
    for (let offer = 0; offer < (port === 0 ? mostOffers : 1); offer++) {
      const bound = await bindPort(handler, host, port)
      if (bound !== undefined) return bound
    }
  }
  const named = ports.includes(0) ? 'No port' : `None of the ports ${ports.join(', ')}`
  const error = new AuthError(
    'CONFIG_INVALID',
    `${named} of this machine is free for the answer of the browser. End the program that holds one, or log in by device.`,
  )
  taken.add(error)
  throw error
}

const taken = new WeakSet<object>()

/** Whether what was thrown says that all ports are taken: another way to log in may be left. */
export const areAllTaken = (error: unknown): boolean => typeof error === 'object' && error !== null && taken.has(error)

/** Both families on one port; `undefined` where it is taken. */
async function bindPort(handler: RequestListener, host: LoopbackHost, wanted: number): Promise<Bound | undefined> {
  const [first, second] = host === '[::1]' ? ['::1', '127.0.0.1'] : ['127.0.0.1', '::1']
  const servers: Server[] = []
  try {
    const main = await listening(handler, first ?? '', wanted)
    servers.push(main)
    const { port } = main.address() as AddressInfo
    const other = await listening(handler, second ?? '', port).catch((error: unknown) => {
      if (isAbsent(error) || (isTaken(error) && host !== 'localhost' && wanted !== 0)) return undefined
      throw error
    })
    if (other !== undefined) servers.push(other)
    return { port, servers }
  } catch (error) {
    for (const server of servers) server.close()
    if (isTaken(error)) return undefined
    const { code } = error as NodeJS.ErrnoException
    throw new AuthError(
      'CONFIG_INVALID',
      `This machine lets nobody listen on ${host} (${String(code)}). Log in by device.`,
    )
  }
}

/** Nobody needs longer to send one request from the same machine. */
const requestMs = 10_000

function listening(handler: RequestListener, address: string, port: number): Promise<Server> {
  const limits = {
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16_384,
  }
  const server = createServer(limits, handler)
  limitConnections(server)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off('error', reject)
      // What a single connection does wrong later is answered there.
      server.on('error', () => undefined)
      resolve(server)
    })
  })
}
