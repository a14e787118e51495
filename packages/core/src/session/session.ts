import { type Client, type ClientOptions, client as clientOf } from '../client/client.ts'
import { systemClock } from '../clock.ts'
import type { DpopToken } from '../dpop/dpop-key.ts'
import { AuthError } from '../errors.ts'
import type { Grant } from '../grants/grant.ts'
import { loginKey } from '../store/login-key.ts'
import type { TokenStore } from '../store/token-store.ts'
import type { TokenRequest } from '../store/variant.ts'
import type { Token } from '../token/token.ts'
import type { TokenSource } from '../token/token-source.ts'
import type { LoginState } from './login-state.ts'
import { type LogoutOptions, type LogoutResult, logout } from './logout.ts'
import { source } from './source.ts'
import { storeLogin } from './store-login.ts'

/** One login of one client at one issuer, kept in a store. */
export interface SessionOptions extends ClientOptions {
  readonly store: TokenStore
  /** One of several accounts; default: the login that other tools share. */
  readonly account?: string | undefined
  /** A person's grant, run only when nothing else can help; many processes prompt once. */
  readonly login?: ((client: Client) => Grant) | undefined
  /**
   * A machine's grant (client credentials of a fleet), run under the renewal lock in place of a refresh. Its tokens are
   * kept apart from a person's, one for each `scope` of a session: where grants ask for different audiences, give each
   * session an `account` of its own.
   */
  readonly renew?: ((client: Client) => Grant) | undefined
  /** Tokens bound to a key that is kept with the login (RFC 9449), for `dpop(session, origins)`; default false. */
  readonly dpop?: boolean | undefined
  /** What a person types to log in, for messages; default: the `auth login` command for this issuer and client. */
  readonly loginCommand?: string | undefined
}

/** A login that stays fresh: a source of its tokens, shared with every process that opens the same store. */
export interface Session<T extends Token = Token> extends TokenSource<T> {
  /** The client that asks the issuer. */
  readonly client: Client
  /**
   * Another source over the same login, for a part of its scope, an audience or a resource. It shares the login's lock,
   * not the exchange. A session with `renew` gives `UNSUPPORTED`: its grant says what it asks for.
   */
  narrow(request: TokenRequest): TokenSource<T>
  /**
   * A person logs in now, whatever is stored: the grant runs without any lock, and its result replaces what stands there.
   *
   * @param grant default: the session's own `login`; without either `UNSUPPORTED`
   */
  login(options?: { readonly grant?: Grant | undefined; readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Revokes at the issuer and removes the login from the store: the latter in every case, unless `keep` says otherwise. Never rejects for the issuer's sake. */
  logout(options?: LogoutOptions): Promise<LogoutResult>
}

/**
 * A session. No I/O until a token is asked for.
 *
 * `getToken` rejects with `LOGIN_REQUIRED` (with the command to run), `STEP_UP_REQUIRED`, `TOKEN_REFUSED`, `CONFIG_INVALID`,
 * `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`, `ABORTED`, the codes of the store, and
 * those of its grants.
 *
 * @throws `CONFIG_INVALID` for an issuer or client id that cannot be one
 */
export function session(options: SessionOptions & { readonly dpop: true }): Session<DpopToken>
export function session(options: SessionOptions): Session
export function session(options: SessionOptions): Session {
  const client = clientOf(options)
  const { store, account, scope, clock = systemClock, dpop = false } = options
  const key = loginKey({
    issuer: options.issuer,
    clientId: options.clientId,
    ...(account !== undefined && { account }),
  })
  const login = options.login?.(client)
  const renew = options.renew?.(client)
  const loginCommand = options.loginCommand ?? defaultCommand(options)
  const state: LoginState = { store, key, clock, client, scope, login, renew, dpop, loginCommand }
  return {
    client,
    ...source(state),
    narrow: (request) => (renew === undefined ? source(state, request) : unnarrowed()),
    login: ({ grant = login, signal } = {}) => storeLogin(state, grant, signal),
    logout: (options = {}) => logout(state, client, options),
  }
}

function unnarrowed(): never {
  throw new AuthError(
    'UNSUPPORTED',
    'A session with `renew` is not narrowed: make one for each scope or audience, with a `scope` or an `account` of its own.',
  )
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

function defaultCommand({ issuer, clientId, account }: SessionOptions): string {
  const named = account === undefined ? '' : ` --account ${quoted(account)}`
  return `npx @latchkey/cli login ${quoted(issuer)} --client-id ${quoted(clientId)}${named}`
}
