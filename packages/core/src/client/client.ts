import { AuthError, aborted } from '../errors.ts'
import type { IssuerAccess } from '../issuer/issuer-fetch.ts'
import { hostOf } from '../issuer/network-error.ts'
import { type ClientAuthentication, clientSecret, publicClient } from './client-authentication.ts'
import type { IssuerMetadata } from './discovery.ts'
import { type IssuerOptions, issuerSide } from './issuer-side.ts'

/** Who asks whom. */
export interface ClientOptions extends IssuerOptions {
  readonly clientId: string
  /** For confidential clients; sent by HTTP Basic, or in the form where the issuer lists only that. */
  readonly clientSecret?: string | undefined
  /** Any other way to authenticate the client; default: the secret, or none. */
  readonly clientAuthentication?: ClientAuthentication | undefined
  /** The scope that logins ask for where their grant names none; space separated. */
  readonly scope?: string | undefined
}

/** One client of one issuer. Made without I/O; the issuer is asked about itself at first need, once. */
export interface Client {
  readonly issuer: string
  readonly clientId: string
  readonly scope?: string
  /**
   * The issuer's metadata (OpenID Connect Discovery, RFC 8414), asked for once and kept for the process.
   *
   * @throws `DISCOVERY_FAILED`; `ABORTED` when this caller's signal fires
   */
  metadata(options?: { readonly signal?: AbortSignal | undefined }): Promise<IssuerMetadata>
}

/** What a client knows and must not show: kept outside the object, so that no `inspect` finds the secret. */
export interface ClientState {
  readonly access: IssuerAccess
  readonly authenticate: ClientAuthentication
}

const states = new WeakMap<Client, ClientState>()

/** What is known of a client inside this package. */
export function stateOf(client: Client): ClientState {
  const state = states.get(client)
  if (state === undefined) throw new TypeError('Not a client: make one with client({ issuer, clientId }).')
  return state
}

/**
 * A client of an issuer. No I/O.
 *
 * @throws `CONFIG_INVALID` when the issuer is no https address (http on loopback excepted), the client id or secret is empty, or `timeoutMs` is no time
 */
export function client(options: ClientOptions): Client {
  const { issuer, clientId, scope } = options
  const { access, document } = issuerSide(options)
  const host = hostOf(issuer)
  if (clientId === '') throw new AuthError('CONFIG_INVALID', `The client id for ${host} is empty.`)
  if (options.clientSecret === '') {
    throw new AuthError('CONFIG_INVALID', `The client secret for ${host} is empty: leave it out for a public client.`)
  }
  const made: Client = Object.freeze({
    issuer,
    clientId,
    ...(scope !== undefined && { scope }),
    metadata: async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}) => abandonable(document(), signal),
  })
  const secret = options.clientSecret === undefined ? publicClient() : clientSecret(options.clientSecret)
  states.set(made, { access, authenticate: options.clientAuthentication ?? secret })
  return made
}

/** A wait that a signal ends with `ABORTED`, while what is waited for goes on. */
export async function abandonable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  // What it fails with later is nobody's any more.
  work.catch(() => undefined)
  if (signal.aborted) throw aborted(signal)
  let stop: (() => void) | undefined
  const abort = new Promise<never>((_, reject) => {
    stop = () => reject(aborted(signal))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, abort])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}
