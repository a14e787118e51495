import { AuthError, bearer, staticToken, type TokenSource } from '@latchkey/core'
import type { AuthenticateOptions, Authentication } from './authentication.ts'
import { takesBareJwt } from './bare-jwt.ts'
import { basicSource } from './basic-source.ts'
import { chooseProvider } from './choose-provider.ts'
import { type Connection, groundOf } from './connection.ts'
import { headerForm } from './header-form.ts'
import { machineLogin, passwordLogin } from './machine-login.ts'
import { givenRefreshToken, personLogin } from './person-login.ts'
import { quoted } from './quoted.ts'
import { tokenInvalid } from './token-invalid.ts'

/** What a method came to, before it is made ready for requests. */
export type Proven = Pick<Authentication, 'method' | 'source' | 'provider' | 'choice' | 'session'>

type PersonOptions = Extract<AuthenticateOptions, { readonly method: 'device' }>

/**
 * Proves who asks. When it resolves a token is there, so that no job stops in its middle for a login.
 *
 * @throws `LOGIN_REQUIRED` where nobody can be asked, `LOGIN_DENIED`, `LOGIN_EXPIRED`, `CONFIG_INVALID`, `UNSUPPORTED`, and what issuers, back-end and store fail with
 */
export async function authenticate(connection: Connection, options: AuthenticateOptions): Promise<Authentication> {
  const proven = await provenBy(connection, options)
  const { signal } = options
  await proven.source.getToken({ signal })
  const bareJwt = await takesBareJwt(connection, signal)
  if (proven.session !== undefined) await remember(connection, proven, bareJwt)
  const format = headerForm(proven.provider === undefined ? 'basic/' : `oidc/${proven.provider.id}`, bareJwt)
  const authorizer = bearer(proven.source, new URL(connection.root).origin, {
    format: (token) => `Bearer ${format(token)}`,
    verdict: tokenInvalid,
    clock: connection.access.clock,
  })
  return Object.freeze({ ...proven, authorizer, format })
}

async function provenBy(connection: Connection, options: AuthenticateOptions): Promise<Proven> {
  switch (options.method) {
    case undefined:
    case 'oidc':
      return dynamic(connection, options)
    case 'device':
      return personLogin(connection, options, 'login')
    case 'refresh_token':
      return options.refreshToken === undefined
        ? personLogin(connection, options, 'stored')
        : givenRefreshToken(connection, options, options.refreshToken)
    case 'client_credentials':
      return machineLogin(connection, options)
    case 'password':
      return passwordLogin(connection, options)
    case 'access_token':
      return accessToken(connection, options)
    case 'basic':
      break
  }
  return { method: 'basic', source: await basicSource(connection, options) }
}

/** What `authenticate_oidc()` of the Python client does. */
async function dynamic(connection: Connection, options: Omit<PersonOptions, 'method'>): Promise<Proven> {
  const method = connection.env['OPENEO_AUTH_METHOD']
  if (!method) return personLogin(connection, options, 'either')
  if (method === 'client_credentials') return machineLogin(connection, { ...options, method })
  throw new AuthError(
    'CONFIG_INVALID',
    `Unhandled auth method ${quoted(method)} in OPENEO_AUTH_METHOD. Set it to client_credentials, or not at all.`,
  )
}

async function accessToken(
  connection: Connection,
  options: Extract<AuthenticateOptions, { readonly method: 'access_token' }>,
): Promise<Proven> {
  const { provider } = chooseProvider(await groundOf(connection, options, options.signal), options)
  const source: TokenSource = staticToken(options.accessToken)
  return { method: 'access_token', source, provider }
}

/** Notes which login belongs to this back-end. What a disk says against it costs a question to the network later, no login. */
async function remember({ known, url }: Connection, { choice }: Proven, bareJwt: boolean): Promise<void> {
  if (known === undefined || choice === undefined) return
  const { provider, client } = choice
  const entry = { providerId: provider.id, issuer: provider.issuer, clientId: client.clientId, bareJwt }
  await known.set(url, entry).catch(() => undefined)
}
