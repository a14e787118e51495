import { type LoginKey, type Session, session, type TokenRequest, type TokenSource } from '@latchkey/core'
import { clientSecret } from './client-secret.ts'
import type { Context } from './command.ts'
import { loginOptions } from './login-words.ts'
import { quoted } from './quoted.ts'
import { withAdvice } from './renewal-advice.ts'
import type { Wanted } from './stored-login.ts'

function loginCommand(key: LoginKey, { target, backend }: Wanted): string {
  const where = quoted(target?.typed ?? key.issuer)
  return backend === undefined ? `auth login ${where} ${loginOptions(key)}` : `auth oidc-auth ${where}`
}

/** How a stored login is opened. */
export interface SessionWish {
  readonly wanted: Wanted
  readonly secretFile?: string | undefined
  /** With the key that its tokens are bound to (RFC 9449); default: as a login that has none. */
  readonly dpop?: boolean | undefined
}

/** A stored login as a session that says which command logs in anew. Asks nobody. */
export async function loginSession(
  key: LoginKey,
  { wanted, secretFile, dpop }: SessionWish,
  context: Context,
): Promise<Session> {
  const command = loginCommand(key, wanted)
  const made = session({
    ...key,
    clientSecret: await clientSecret(key, secretFile, context.io),
    store: context.store(),
    fetch: context.fetch,
    dpop,
    loginCommand: command,
  })
  return { ...made, ...withAdvice(made, command), narrow: (request) => withAdvice(made.narrow(request), command) }
}

/** The login's own tokens, or those for a part of it. */
export function sourceOf(login: Session, request: TokenRequest | undefined): TokenSource {
  return request === undefined ? login : login.narrow(request)
}
