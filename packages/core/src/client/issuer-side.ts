import { type Clock, systemClock } from '../clock.ts'
import { AuthError } from '../errors.ts'
import { type Fetch, httpFor, type IssuerAccess, isAllowedUrl, requestTimeoutMs } from '../issuer/issuer-fetch.ts'
import { hostOf } from '../issuer/network-error.ts'
import { normalizeIssuer } from '../store/login-key.ts'
import { discover, type IssuerMetadata } from './discovery.ts'

/** An issuer, and how it is reached. */
export interface IssuerOptions {
  /** The issuer's address, as its documentation gives it; a trailing slash more or less makes no difference. */
  readonly issuer: string
  /** Lets http through to any host; default false: only to loopback, from an issuer that is there by http itself. */
  readonly allowHttp?: boolean | undefined
  /** Total time of one request to the issuer in ms; default 30,000. */
  readonly timeoutMs?: number | undefined
  /** Default: the platform's. */
  readonly fetch?: Fetch | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
}

/** What there is of an issuer without a client. */
export interface IssuerSide {
  readonly access: IssuerAccess
  /** Its metadata, asked for at first need, once for the process. */
  document(): Promise<IssuerMetadata>
}

/**
 * Checks how an issuer is to be reached. No I/O.
 *
 * @throws `CONFIG_INVALID` when the issuer is no https address (http on loopback excepted), or `timeoutMs` is no time
 */
export function issuerSide(options: IssuerOptions): IssuerSide {
  const { issuer, clock = systemClock, allowHttp = false, timeoutMs = requestTimeoutMs } = options
  checkIssuer(issuer, allowHttp)
  if (!(timeoutMs > 0)) throw new AuthError('CONFIG_INVALID', `timeoutMs for ${hostOf(issuer)} must be more than 0.`)
  const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const access: IssuerAccess = { fetch, clock, http: httpFor(issuer, allowHttp), timeoutMs }
  return { access, document: async () => documentOf(access, options.fetch ?? platform, issuer) }
}

function checkIssuer(issuer: string, allowHttp: boolean): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url !== undefined && !/[?#]/.test(issuer) && isAllowedUrl(issuer, httpFor(issuer, allowHttp))) return
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
