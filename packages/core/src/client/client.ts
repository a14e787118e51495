import { type Clock, systemClock } from '../clock.ts'
import { AuthError, aborted } from '../errors.ts'
import { type Fetch, type IssuerAccess, isAllowedUrl, requestTimeoutMs } from '../issuer/issuer-fetch.ts'
import { hostOf } from '../issuer/network-error.ts'
import { type ClientAuthentication, clientSecret, publicClient } from './client-authentication.ts'
import { discover, type IssuerMetadata } from './discovery.ts'

/** Who asks whom. */
export interface ClientOptions {
  /** The issuer's address, as its documentation gives it; a trailing slash more or less makes no difference. */
  readonly issuer: string
  readonly clientId: string
  /** For confidential clients; sent by HTTP Basic, or in the form where the issuer lists only that. */
  readonly clientSecret?: string | undefined
  /** Any other way to authenticate the client; default: the secret, or none. */
  readonly clientAuthentication?: ClientAuthentication | undefined
  /** The scope that logins ask for where their grant names none; space separated. */
  readonly scope?: string | undefined
  /** Lets http through to hosts other than loopback; default false. */
  readonly allowHttp?: boolean | undefined
  /** Total time of one request to the issuer in ms; default 30,000. */
  readonly timeoutMs?: number | undefined
  readonly fetch?: Fetch | undefined
  readonly clock?: Clock | undefined
}

/** One client of one issuer. Made without I/O; the issuer is asked about itself at first need, once. */
export interface Client {
  readonly issuer: string
  readonly clientId: string
  readonly scope?: string
  /**
   * The issuer's metadata (OpenID Connect Discovery, RFC 8414), kept for the process.
   *
   * @throws `DISCOVERY_FAILED`, `CONFIG_INVALID`
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
 * @throws `CONFIG_INVALID` when the issuer is no https address (http on loopback excepted) or the client id is empty
 */
export function client(options: ClientOptions): Client {
  const { issuer, clientId, scope, clock = systemClock, allowHttp = false, timeoutMs = requestTimeoutMs } = options
  checkIssuer(issuer, allowHttp)
  if (clientId === '') throw new AuthError('CONFIG_INVALID', `The client id for ${hostOf(issuer)} is empty.`)
  const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const access: IssuerAccess = { fetch, clock, allowHttp, timeoutMs }
  const made: Client = Object.freeze({
    issuer,
    clientId,
    ...(scope !== undefined && { scope }),
    metadata: (call?: { readonly signal?: AbortSignal | undefined }) =>
      metadataOf(access, options.fetch, issuer, call?.signal),
  })
  const secret = options.clientSecret === undefined ? publicClient() : clientSecret(options.clientSecret)
  states.set(made, { access, authenticate: options.clientAuthentication ?? secret })
  return made
}

function checkIssuer(issuer: string, allowHttp: boolean): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url !== undefined && url.search === '' && url.hash === '' && isAllowedUrl(issuer, allowHttp)) return
  const rule = 'An issuer is an https address without query or fragment (http on loopback, or with allowHttp)'
  throw new AuthError('CONFIG_INVALID', `${rule}: ${hostOf(issuer)} is none.`)
}

// One document a process for each issuer and fetch: clients come and go, and the keys of the issuer hang on it.
const documents = new WeakMap<object, Map<string, Promise<IssuerMetadata>>>()
const platform = {}

async function metadataOf(
  access: IssuerAccess,
  fetch: Fetch | undefined,
  issuer: string,
  signal?: AbortSignal,
): Promise<IssuerMetadata> {
  const owner = fetch ?? platform
  const known = documents.get(owner) ?? new Map<string, Promise<IssuerMetadata>>()
  documents.set(owner, known)
  const started = known.get(issuer) ?? discover(access, issuer)
  known.set(issuer, started)
  started.catch(() => known.delete(issuer))
  return signal === undefined ? started : abandonable(started, signal)
}

/** A wait that a signal ends, while what is waited for goes on. */
export async function abandonable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
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
