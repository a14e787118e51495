import type { TokenRequest } from '@latchkey/core'
import type { LoginToken } from './cached-token.ts'
import type { Context } from './command.ts'
import type { TokenOptions } from './fresh-token.ts'
import { loginSession } from './login-session.ts'
import { storedLogin } from './stored-login.ts'

/** A token for a part of what a login may do: the stored one of that kind while it is good, or a new one. */
export async function narrowedToken(
  { wanted, minValid, secretFile }: TokenOptions,
  request: TokenRequest,
  context: Context,
  command: string,
): Promise<LoginToken> {
  const key = await storedLogin(wanted, context.store(), command)
  const login = await loginSession(key, { wanted, secretFile }, context)
  return { key, token: await login.narrow(request).getToken({ minValid, signal: context.io.interruption() }) }
}
