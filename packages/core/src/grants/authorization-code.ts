import { abandonable, type Client } from '../client/client.ts'
import type { PrivateKey } from '../client/private-key.ts'
import { thumbprint } from '../dpop/thumbprint.ts'
import { AuthError } from '../errors.ts'
import { formOf } from '../issuer/token-request.ts'
import { base64url } from '../token/base64url.ts'
import { answerIn, codeIn, mismatch } from './authorization-answer.ts'
import { authorizationUrl } from './authorization-request.ts'
import type { Grant, GrantOptions } from './grant.ts'
import { exchange, type GrantRequest } from './grant-request.ts'
import { type ProofKey, proofKey } from './pkce.ts'
import { joinedScope, stepUpParameters } from './step-up-request.ts'

/** A login that waits for its person (RFC 6749 section 4.1). */
export interface AuthorizationPrompt {
  /** Where to send the person; checked to be an http(s) address. It holds no secret. */
  readonly url: string
  /** What the answer must repeat; of no use to anybody after it. */
  readonly state: string
  /** Where the answer comes to. */
  readonly redirectUri: string
  /** How it comes there: in the query of a GET, or in the form of a POST. */
  readonly responseMode: 'query' | 'form_post'
  /**
   * Whether parameters that came to `redirectUri` are the answer to this login: state first, then the issuer (RFC 9207),
   * then one code or one error. What is not the answer is to be ignored while the wait goes on: anybody can send it.
   */
  isAnswer(answer: URLSearchParams | string): boolean
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
}

/** How a login by authorization code is run. The request's `parameters` go to the authorization endpoint alone. */
export interface AuthorizationCodeOptions extends GrantRequest {
  /** As it stands in the client's registration; with a loopback address most issuers let the port differ (RFC 8252 section 7.3). */
  readonly redirectUri: string
  /**
   * Shows the person where to go and gives what came back: the parameters, or the whole address as pasted. If it throws
   * or rejects, the login ends with that.
   */
  readonly receive: (prompt: AuthorizationPrompt) => Promise<URLSearchParams | string>
  /** Default `query`. */
  readonly responseMode?: 'query' | 'form_post' | undefined
  /**
   * `login`, `consent`, `select_account`, `none` (OpenID Connect Core section 3.1.2.1). Default: `consent` with the scope
   * `offline_access`, which an issuer must ignore otherwise (section 11); else as the issuer likes.
   */
  readonly prompt?: string | undefined
  /** Who is about to log in, as far as it is known. */
  readonly loginHint?: string | undefined
  /** Seconds since the person may last have authenticated; checked in the ID token, where one comes (`openid`). A step-up may lower it. */
  readonly maxAge?: number | undefined
  /** Sends the request by the back channel first (RFC 9126); default: where the issuer requires it. */
  readonly par?: boolean | undefined
  /** Signs the request (RFC 9101); default: the key the client authenticates with, and only where the issuer requires it. */
  readonly requestKey?: PrivateKey | undefined
}

/**
 * A person logs in with a browser (RFC 6749 section 4.1, OpenID Connect Core section 3.1), always with a proof key by
 * S256, a state and a nonce of 256 bits each. The answer's `state` and `iss` are checked before anything else in it. A
 * step-up's scope is asked for on top of the request's own, which defaults to the client's. With a DPoP key the code is
 * bound to it (RFC 9449 section 10).
 *
 * @returns a grant that throws `LOGIN_DENIED`, `LOGIN_EXPIRED` (a code that came too late), `LOGIN_REQUIRED` (with `prompt: 'none'`), `UNSUPPORTED`, `CONFIG_INVALID`, `RESPONSE_INVALID`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `ABORTED`, and what `receive` throws
 * @throws `CONFIG_INVALID` when `redirectUri` is no address, or has a fragment (section 3.1.2)
 */
export function authorizationCode(client: Client, options: AuthorizationCodeOptions): Grant {
  const { redirectUri } = options
  if (!URL.canParse(redirectUri) || redirectUri.includes('#')) {
    throw new AuthError('CONFIG_INVALID', 'redirectUri must be a whole address without a fragment.')
  }
  return async (how = {}) => {
    const login = await begun(client, options, how)
    const code = await codeFrom(client, options, login, how.signal)
    const form = formOf(
      { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: login.key.verifier },
      { audience: options.audience, resource: options.resource },
    )
    const { signal, dpopKey } = how
    const expected = { idToken: true, nonce: login.nonce, maxAge: login.maxAge }
    return exchange(client, form, login.scope, { signal, dpopKey, expected })
  }
}

/** One run of the grant: what it made up, and what the answer is checked with. */
interface Begun {
  readonly key: ProofKey
  readonly state: string
  readonly nonce: string
  readonly scope: string | undefined
  readonly maxAge: number | undefined
  readonly parameters: URLSearchParams
}

const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)))

async function begun(client: Client, options: AuthorizationCodeOptions, how: GrantOptions): Promise<Begun> {
  const { stepUp, dpopKey } = how
  const key = await proofKey()
  const scope = joinedScope(options.scope ?? client.scope, stepUp?.scope)
  const ages = [options.maxAge, stepUp?.maxAge].filter((age) => age !== undefined)
  const maxAge = ages.length === 0 ? undefined : Math.min(...ages)
  const [state, nonce] = [random(), random()]
  const prompt = options.prompt ?? (scope?.split(' ').includes('offline_access') ? 'consent' : undefined)
  const fixed = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: options.redirectUri,
    state,
    nonce,
    code_challenge: key.challenge,
    code_challenge_method: 'S256',
    ...(options.responseMode !== undefined && { response_mode: options.responseMode }),
    ...(prompt !== undefined && { prompt }),
    ...(options.loginHint !== undefined && { login_hint: options.loginHint }),
    ...stepUpParameters({ ...stepUp, ...(maxAge !== undefined && { maxAge }) }),
    ...(dpopKey !== undefined && { dpop_jkt: await thumbprint(dpopKey) }),
  }
  const parameters = formOf(fixed, { ...options, scope }, options.parameters)
  return { key, state, nonce, scope, maxAge, parameters }
}

/** The code that the person's browser brings back. */
async function codeFrom(
  client: Client,
  options: AuthorizationCodeOptions,
  { state, nonce, key, parameters }: Begun,
  signal?: AbortSignal,
): Promise<string> {
  const { par, requestKey, redirectUri, responseMode = 'query' } = options
  const metadata = await client.metadata({ signal })
  const url = await authorizationUrl(client, parameters, { par, requestKey, signal })
  const expected = { metadata, state }
  const isAnswer = (answer: URLSearchParams | string): boolean => mismatch(answerIn(answer), expected) === undefined
  const prompt = Object.freeze({ url, state, redirectUri, responseMode, isAnswer, ...(signal && { signal }) })
  // A `receive` that throws at once ends the login like one that rejects.
  const received = (async () => options.receive(prompt))()
  const answer = await abandonable(received, signal)
  return codeIn(answerIn(answer), expected, [state, nonce, key.verifier])
}
