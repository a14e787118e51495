import { type LoginKey, type Session, session, type TokenRequest, type TokenSource } from '@latchkey/core'
import { clientSecret } from './client-secret.ts'
import type { Context } from './command.ts'
import { loginOptions } from './login-words.ts'
import { quoted } from './quoted.ts'

/** A stored login as a session that says which command logs in anew. Asks nobody. */
export async function loginSession(
  key: LoginKey,
  { typed = key.issuer, secretFile }: { readonly typed?: string | undefined; readonly secretFile?: string | undefined },
  context: Context,
): Promise<Session> {
  return session({
    ...key,
    clientSecret: await clientSecret(key, secretFile, context.io),
    store: context.store(),
    loginCommand: `auth login ${quoted(typed)} ${loginOptions(key)}`,
  })
}

/** The login's own tokens, or those for a part of it. */
export function sourceOf(login: Session, request: TokenRequest | undefined): TokenSource {
  return request === undefined ? login : login.narrow(request)
}
