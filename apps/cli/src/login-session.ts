import { type LoginKey, type Session, session, type TokenRequest, type TokenSource } from '@latchkey/core'
import { clientSecret } from './client-secret.ts'
import type { Context } from './command.ts'
import { loginOptions } from './login-words.ts'
import { quoted } from './quoted.ts'
import type { Wanted } from './stored-login.ts'

/** A stored login as a session that says which command logs in anew. Asks nobody. */
export async function loginSession(
  key: LoginKey,
  { wanted, secretFile }: { readonly wanted: Wanted; readonly secretFile?: string | undefined },
  context: Context,
): Promise<Session> {
  return session({
    ...key,
    clientSecret: await clientSecret(key, secretFile, context.io),
    store: context.store(),
    loginCommand: `auth login ${quoted(wanted.target?.typed ?? key.issuer)} ${loginOptions(key)}`,
  })
}

/** The login's own tokens, or those for a part of it. */
export function sourceOf(login: Session, request: TokenRequest | undefined): TokenSource {
  return request === undefined ? login : login.narrow(request)
}
