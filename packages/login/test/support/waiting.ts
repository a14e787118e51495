import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, onTestFinished } from 'vitest'
import { type LoopbackOptions, type LoopbackReceiver, loopbackReceiver } from '../../src/index.ts'

/** The query of the answer that `waiting` waits for. */
export const good = '?code=c0de&state=right'

/** A receiver that waits for its answer. */
export interface Waiting {
  readonly receiver: LoopbackReceiver
  readonly url: string
  readonly port: number
  readonly received: Promise<URLSearchParams>
  /** Whether the wait has ended. */
  readonly over: () => boolean
}

// A receiver whose browser never asks for its page waits for it for a second: all of them at once, at the end.
const receivers: LoopbackReceiver[] = []
afterAll(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()))
})

/** A receiver that waits for the state `right`. */
export async function waiting(options: LoopbackOptions = {}): Promise<Waiting> {
  const receiver = await loopbackReceiver(options)
  receivers.push(receiver)
  let over = false
  const received = receiver
    .receive((answer) => answer.getAll('state').length === 1 && answer.get('state') === 'right')
    .finally(() => {
      over = true
    })
  const { port } = new URL(receiver.redirectUri)
  return { receiver, url: receiver.redirectUri, port: Number(port), received, over: () => over }
}

/** Somebody else's server; port 0 is any. */
export async function squatter(address: string, port = 0): Promise<Server> {
  const server = createServer((_request, response) => response.end('not us'))
  server.listen(port, address)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return server
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Whether anybody takes connections there. */
export const connects = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host)
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

/** Whether this machine has ::1. */
export const hasIpv6: boolean = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)
