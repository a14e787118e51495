import type { LoginKey } from '@latchkey/core'
import type { LoginToken } from './cached-token.ts'
import type { Context } from './command.ts'
import type { TokenOptions } from './fresh-token.ts'
import { loginSession } from './login-session.ts'

/** A token from the issuer, under the renewal lock. */
export async function renewedToken(key: LoginKey, options: TokenOptions, context: Context): Promise<LoginToken> {
  const login = await loginSession(key, options, context)
  return { key, token: await login.getToken({ minValid: options.minValid, signal: context.io.interruption() }) }
}
