import {
  AuthError,
  type Client,
  deviceCode,
  type Grant,
  memoryStore,
  normalizeIssuer,
  type Session,
  type SessionOptions,
  session,
} from '@latchkey/core'
import { showable } from '@latchkey/core/http'
import type { Proven } from './authenticate.ts'
import type { AuthenticateOptions, AuthMethod, LoginRequest } from './authentication.ts'
import type { Choice } from './choice.ts'
import { choose } from './choose.ts'
import type { Ground } from './choose-provider.ts'
import { type Connection, groundOf } from './connection.ts'
import { scopeFor } from './scopes.ts'

type Options = Omit<Extract<AuthenticateOptions, { readonly method: 'device' }>, 'method'>

/** What of a client and its issuer every session and grant of a choice has in common. */
export function clientOptions(
  { access, fetch }: Connection,
  { provider, client }: Choice,
): Omit<SessionOptions, 'store'> {
  const { clientId, clientSecret } = client
  return { issuer: provider.issuer, clientId, clientSecret, fetch, clock: access.clock }
}

/**
 * A login of a person in the store, under the issuer that the back-end lists: no other issuer ever sees its refresh
 * token. The person is asked here or not at all: what comes of it renews the login, and when that has ended says
 * `LOGIN_REQUIRED` where a prompt would stop a job in its middle.
 */
export async function personLogin(
  connection: Connection,
  options: Options,
  way: 'either' | 'login' | 'stored',
): Promise<Proven> {
  const { account, signal } = options
  const ground = await groundOf(connection, options, signal)
  const choice = way === 'stored' ? storedChoice(ground, options) : choose(ground, { ...options, purpose: 'login' })
  const asks = way !== 'stored' && (options.prompt !== undefined || options.login !== undefined)
  if (way === 'login' && !asks) throw nobodyToAsk(connection)
  const common: SessionOptions = {
    ...clientOptions(connection, choice),
    store: connection.store,
    account,
    ...(account === undefined && { loginCommand: commandFor(connection) }),
  }
  let method: AuthMethod = 'refresh_token'
  const login = (client: Client): Grant =>
    told(personGrant(client, choice, options), () => (method = options.login === undefined ? 'device' : 'oidc'))
  const asking = session(asks ? { ...common, login } : common)
  if (way === 'login') await asking.login({ signal })
  await asking.getToken({ signal })
  // Sessions over one store share what they hold: the token is there.
  const source = session(common)
  return { method, source, provider: choice.provider, choice, session: source }
}

/** A grant that tells when it has brought something: another process may have been first. */
const told =
  (grant: Grant, tell: () => void): Grant =>
  async (how) => {
    const set = await grant(how)
    tell()
    return set
  }

/** The client that logs people in here, since its login is the one that is stored; else one that only refreshes. */
function storedChoice(ground: Ground, options: Options): Choice {
  try {
    return choose(ground, { ...options, purpose: 'login' })
  } catch {
    return choose(ground, { ...options, purpose: 'refresh' })
  }
}

const commandFor = ({ url }: Connection): string => `npx @latchkey/cli oidc-auth ${showable(url)}`

function nobodyToAsk(connection: Connection): AuthError {
  const text = `A person has to log in at ${showable(connection.url)}, and nobody can be asked here: give a prompt or a login.`
  return new AuthError('LOGIN_REQUIRED', `${text} Or run: ${commandFor(connection)}`)
}

/** The device flow, or the caller's own way. The issuer is asked for its scopes only now that a person is. */
function personGrant(client: Client, choice: Choice, { prompt, login }: Options): Grant {
  const { provider } = choice
  const { pkce } = choice.client
  return async (how) => {
    const scope = await scopeFor(client, provider, { refresh: mayRefresh(choice), signal: how?.signal })
    const parameters = provider.authorizationParameters
    const request: LoginRequest = { provider, scope, pkce, parameters }
    if (login !== undefined) return login(client, request)(how)
    return deviceCode(client, { scope, pkce, parameters, prompt: prompt ?? (() => undefined) })(how)
  }
}

/** A default client that does not list the grant would be refused `offline_access` by some issuers. */
function mayRefresh({ provider, client }: Choice): boolean {
  const listed = provider.defaultClients.find(({ id }) => id === client.clientId)
  return listed === undefined || client.from !== 'default' || listed.grantTypes.includes('refresh_token')
}

/**
 * A refresh token that the caller brings: renewed for as long as the process runs. It is kept in memory alone; in the
 * store it would replace a person's login.
 */
export async function givenRefreshToken(
  connection: Connection,
  options: Extract<AuthenticateOptions, { readonly method: 'refresh_token' }>,
  refreshToken: string,
): Promise<Proven> {
  const choice = choose(await groundOf(connection, options, options.signal), { ...options, purpose: 'refresh' })
  const store = memoryStore({ clock: connection.access.clock })
  const key = { issuer: normalizeIssuer(choice.provider.issuer), clientId: choice.client.clientId }
  await store.update(key, async () => ({ refreshToken, tokens: {} }))
  const source: Session = session({ ...clientOptions(connection, choice), store, loginCommand: commandFor(connection) })
  return { method: 'refresh_token', source, provider: choice.provider, choice }
}
