import { AuthError, basic, cached, freezeToken, type Grant, type TokenSource } from '@latchkey/core'
import { jsonObject, type RawAnswer, showable, textOf } from '@latchkey/core/http'
import { apiError, refusalText } from './api-error.ts'
import { apiGet } from './api-fetch.ts'
import type { AuthenticateOptions } from './authentication.ts'
import type { Connection } from './connection.ts'
import { lists } from './endpoints.ts'
import { quoted } from './quoted.ts'

type Options = Extract<AuthenticateOptions, { readonly method: 'basic' }>

interface User {
  readonly username: string
  readonly password: string
}

/**
 * Tokens of `GET /credentials/basic`, asked for with HTTP Basic (RFC 7617, UTF-8) and again when one was refused: once,
 * like any renewal.
 *
 * @throws `UNSUPPORTED` where the capabilities do not list it, `LOGIN_REQUIRED` where no user and password are known; its
 *   `getToken` `LOGIN_DENIED` where they are wrong
 */
export async function basicSource(connection: Connection, options: Options): Promise<TokenSource> {
  const { access, capabilities, root } = connection
  if (lists(capabilities, '/credentials/basic') === false) {
    const text = `This openEO back-end does not support basic authentication: ${showable(root)}.`
    throw new AuthError('UNSUPPORTED', `${text} Log in with OpenID Connect.`)
  }
  const user = await credentials(connection, options)
  const address = new URL(`${root}/credentials/basic`)
  const authorization = await basicHeader(user, address)
  const grant: Grant = async ({ signal } = {}) => {
    const answer = await apiGet(access, address, { signal, authorization, once: true })
    return { token: freezeToken({ accessToken: accessTokenIn(answer, user.username), tokenType: 'Bearer' }) }
  }
  return cached(grant, { clock: access.clock })
}

/** Given, or in `auth-config.json`: a password there is for its own user name. */
async function credentials({ config, url }: Connection, { username, password }: Options): Promise<User> {
  if (username !== undefined && password !== undefined) return { username, password }
  const kept = await config.basic(url)
  const name = username ?? kept?.username
  const secret = password ?? (kept?.username === name ? kept?.password : undefined)
  if (name !== undefined && secret !== undefined) return { username: name, password: secret }
  const text = `No username/password given or found for ${showable(url)}.`
  throw new AuthError('LOGIN_REQUIRED', `${text} Add them: npx @latchkey/cli add-basic ${showable(url)}`)
}

async function basicHeader({ username, password }: User, address: URL): Promise<string> {
  const authorization = await basic(username, password, address.origin)({ method: 'GET', url: address })
  return authorization?.headers['authorization'] ?? ''
}

function accessTokenIn(answer: RawAnswer, username: string): string {
  const token = answer.status === 200 ? textOf(jsonObject(answer.text), 'access_token') : undefined
  if (token !== undefined) return token
  if (answer.status === 401 || answer.status === 403) {
    const text = `${answer.url} refused user ${quoted(username)}: ${refusalText(answer)}.`
    throw new AuthError('LOGIN_DENIED', `${text} Check user name and password.`)
  }
  throw apiError(answer, 'A token for user and password')
}
