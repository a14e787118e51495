import { type Clock, systemClock } from '../clock.ts'
import { AuthError, aborted } from '../errors.ts'
import { type Fetch, type IssuerAccess, isAllowedUrl, requestTimeoutMs } from '../issuer/issuer-fetch.ts'
import { hostOf } from '../issuer/network-error.ts'
import { normalizeIssuer } from '../store/login-key.ts'
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
  /** Default: the platform's. */
  readonly fetch?: Fetch | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
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
  const { issuer, clientId, scope, clock = systemClock, allowHttp = false, timeoutMs = requestTimeoutMs } = options
  checkIssuer(issuer, allowHttp)
  const host = hostOf(issuer)
  if (clientId === '') throw new AuthError('CONFIG_INVALID', `The client id for ${host} is empty.`)
  if (options.clientSecret === '') {
    throw new AuthError('CONFIG_INVALID', `The client secret for ${host} is empty: leave it out for a public client.`)
  }
  if (!(timeoutMs > 0)) throw new AuthError('CONFIG_INVALID', `timeoutMs for ${host} must be more than 0.`)
  const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const access: IssuerAccess = { fetch, clock, allowHttp, timeoutMs }
  const made: Client = Object.freeze({
    issuer,
    clientId,
    ...(scope !== undefined && { scope }),
    metadata: async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}) => {
      const known = documentOf(access, options.fetch ?? platform, issuer)
      return signal === undefined ? known : abandonable(known, signal)
    },
  })
  const secret = options.clientSecret === undefined ? publicClient() : clientSecret(options.clientSecret)
  states.set(made, { access, authenticate: options.clientAuthentication ?? secret })
  return made
}

function checkIssuer(issuer: string, allowHttp: boolean): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url !== undefined && !/[?#]/.test(issuer) && isAllowedUrl(issuer, allowHttp)) return
  const rule = 'An issuer is an https address without query, fragment or password (http on loopback, or with allowHttp)'
  throw new AuthError('CONFIG_INVALID', `${rule}: "${hostOf(issuer)}" is none.`)
}

// One document a process for each issuer and fetch: clients come and go, and the keys of the issuer hang on it.
const documents = new WeakMap<object, Map<string, Promise<IssuerMetadata>>>()
const platform = {}

/** Asked for once; a failure is not kept. No caller's signal ends what others wait for. */
function documentOf(access: IssuerAccess, owner: object, issuer: string): Promise<IssuerMetadata> {
  const known = documents.get(owner) ?? new Map<string, Promise<IssuerMetadata>>()
  documents.set(owner, known)
  const name = normalizeIssuer(issuer)
  const kept = known.get(name)
  if (kept !== undefined) return kept
  const started = discover(access, issuer)
  known.set(name, started)
  started.catch(() => known.delete(name))
  return started
}

/** A wait that a signal ends with `ABORTED`, while what is waited for goes on. */
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
