import { type LoginKey, session } from '@latchkey/core'
import type { LoginToken } from './cached-token.ts'
import { clientSecret } from './client-secret.ts'
import type { Context } from './command.ts'
import type { TokenOptions } from './fresh-token.ts'
import { loginOptions } from './login-words.ts'
import { quoted } from './quoted.ts'

function loginCommand(key: LoginKey, { wanted }: TokenOptions): string {
  const where = quoted(wanted.target?.typed ?? key.issuer)
  return wanted.backend === undefined ? `auth login ${where} ${loginOptions(key)}` : `auth oidc-auth ${where}`
}

/** A token from the issuer, under the renewal lock. */
export async function renewedToken(key: LoginKey, options: TokenOptions, context: Context): Promise<LoginToken> {
  const login = session({
    ...key,
    clientSecret: await clientSecret(key, options.secretFile, context.io),
    store: context.store(),
    fetch: context.fetch,
    loginCommand: loginCommand(key, options),
  })
  return { key, token: await login.getToken({ minValid: options.minValid, signal: context.io.interruption() }) }
}
