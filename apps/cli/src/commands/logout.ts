import { AuthError, isAuthError, type LoginKey, type LogoutResult, session } from '@latchkey/core'
import { clientSecret } from '../client-secret.ts'
import type { Command, Context } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { json, loginFlags, secretFile } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { described } from '../login-words.ts'
import { quoted } from '../quoted.ts'
import { storedLogin } from '../stored-login.ts'
import { terminalText } from '../terminal-text.ts'
import { wantedAt } from '../wanted.ts'

/** What a logout came to, in a line. */
export function logoutText(key: LoginKey, { confirmed, reason }: LogoutResult): string {
  const said = confirmed
    ? 'the issuer confirmed that its refresh token is revoked'
    : 'the issuer did not confirm that its refresh token is revoked'
  const why = reason === undefined ? '' : ` (${reason.code}: ${reason.message})`
  return terminalText(`Logged out ${described(key)}: the login is removed here, and ${said}${why}.`)
}

async function loggedOut(key: LoginKey, file: string | undefined, context: Context): Promise<LogoutResult> {
  const { io, fetch } = context
  try {
    const secret = await clientSecret(key, file, io)
    const login = session({ ...key, clientSecret: secret, store: context.store(), fetch })
    return await login.logout({ signal: io.interruption() })
  } catch (error) {
    // An entry that another tool wrote for an issuer that nobody can ask: it goes all the same.
    if (!isAuthError(error) || error.code !== 'CONFIG_INVALID') throw error
    await context.store().update(key, async () => undefined)
    return { removed: true, confirmed: false, reason: error }
  }
}

function noLogin(backend: string): AuthError {
  const remove = `auth config-remove ${quoted(backend)} --basic`
  return new AuthError(
    'UNSUPPORTED',
    `${backend} is used with a user and password: there is no login to end. Remove them with: ${remove}`,
  )
}

export const logout: Command = {
  usage: '[ISSUER|NAME|BACKEND]',
  operands: ['ISSUER'],
  flags: { ...loginFlags, 'client-secret-file': secretFile, json },
  about: `Revokes a login at its issuer and removes it from this machine, for the openEO Python client too. Says whether the
issuer confirmed. An issuer out of reach does not keep the login here. Without ISSUER: the only login there is.`,
  run: async (args, context) => {
    const wanted = await wantedAt(args, context)
    if (wanted.backend?.method === 'basic') throw noLogin(args.operands[0] ?? '')
    const key = await storedLogin(wanted, context.store(), 'auth logout')
    const result = await loggedOut(key, args.values.get('client-secret-file'), context)
    if (!args.switches.get('json')) context.io.err(`${logoutText(key, result)}\n`)
    else {
      const { removed, confirmed, reason } = result
      const code = reason === undefined ? {} : { reason: reason.code }
      const account = key.account === undefined ? {} : { account: key.account }
      context.io.out(jsonText({ issuer: key.issuer, client_id: key.clientId, ...account, removed, confirmed, ...code }))
    }
    return exitCode.done
  },
}
