import type { Connection } from '@openeo/js-client'
import { authorizedAdapter, type Carrier } from './authorized-adapter.ts'
import { internals, type Send, type SendOptions } from './internals.ts'

interface Wrapped {
  readonly ours: Send
  /** A `_send` of the connection's own that stood there before. */
  readonly before: Send | undefined
}

const wrapped = new WeakMap<Connection, Wrapped>()

const isByHand = ({ headers = {} }: SendOptions): boolean =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')

/** How js-client is asked to send: without its own token, where the request has one already or gets a fresh one. */
function prepared(options: SendOptions, carrier: Carrier | undefined): SendOptions {
  if (options.authorization === false) return options
  // A login with user and password: js-client would put the token it has over them.
  if (isByHand(options)) return { ...options, authorization: false }
  return carrier === undefined ? options : { ...options, authorization: false, adapter: authorizedAdapter(carrier) }
}

/**
 * Lets a connection's requests carry what the carrier of the moment gives; without one it sends as it always did. One
 * property of this one object is set, `_send`: no prototype, no axios, no other connection.
 */
export function authorizeConnection(connection: Connection, carrierNow: () => Carrier | undefined): void {
  if (wrapped.has(connection)) return
  const inner = internals(connection)
  const before = Object.hasOwn(connection, '_send') ? inner._send : undefined
  const send = inner._send.bind(connection)
  const ours: Send = (options, abortController) => send(prepared(options, carrierNow()), abortController)
  Object.defineProperty(connection, '_send', { value: ours, writable: true, configurable: true, enumerable: false })
  wrapped.set(connection, { ours, before })
}

/** Takes it off again. Where somebody put theirs over it, it stays there and does nothing as long as there is no carrier. */
export function releaseConnection(connection: Connection): void {
  const { ours, before } = wrapped.get(connection) ?? {}
  const inner = internals(connection)
  if (ours === undefined || inner._send !== ours) return
  if (before === undefined) Reflect.deleteProperty(connection, '_send')
  else inner._send = before
  wrapped.delete(connection)
}
