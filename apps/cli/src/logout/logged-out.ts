import { endSessionUrl, isAuthError, type LoginKey, type LogoutResult, session } from '@latchkey/core'
import { clientSecret } from '../client-secret.ts'
import type { Context } from '../command.ts'
import { described } from '../login-words.ts'
import { terminalText } from '../terminal-text.ts'

/** A login that has ended here. */
export interface Ended {
  readonly key: LoginKey
  readonly result: LogoutResult
  /** Whether there was a refresh token to revoke. */
  readonly revocable: boolean
  /** The issuer's page that ends the person's session in their browser; absent where it has none, or nobody can ask. */
  readonly page?: EndPage | undefined
}

/** Where a browser's session is ended (OpenID Connect RP-Initiated Logout 1.0). */
export interface EndPage {
  /** May be shown: holds no token. */
  readonly shown: string
  /** For the person's own browser alone: with the ID token the issuer need not ask whose session it is. */
  readonly opened: string
}

/** What a logout came to, in a line. */
export function logoutText({ key, revocable, result: { confirmed, reason } }: Ended): string {
  if (!revocable) {
    const rest = 'it had no refresh token, and its access token ends by itself'
    return terminalText(`Logged out ${described(key)}: the login is removed here; ${rest}.`)
  }
  const said = confirmed
    ? 'the issuer confirmed that its refresh token is revoked'
    : 'the issuer did not confirm that its refresh token is revoked'
  const why = reason === undefined ? '' : ` (${reason.code}: ${reason.message})`
  return terminalText(`Logged out ${described(key)}: the login is removed here, and ${said}${why}.`)
}

/** Revokes a login and removes it; the latter in every case. */
export async function loggedOut(key: LoginKey, file: string | undefined, context: Context): Promise<Ended> {
  const { io, fetch } = context
  const store = context.store()
  try {
    const secret = await clientSecret(key, file, io)
    const login = session({ ...key, clientSecret: secret, store, fetch })
    const before = await store.get(key)
    const revocable = before?.refreshToken !== undefined || before?.unfinished !== undefined
    const idTokenHint = before?.tokens['']?.idToken
    const result = await login.logout({ signal: io.interruption() })
    // An issuer that did not answer is not asked again.
    if (result.reason !== undefined && !result.confirmed) return { key, result, revocable }
    const page = (hint?: string): Promise<string> => endSessionUrl(login.client, { idTokenHint: hint })
    const shown = await page().catch(() => undefined)
    return {
      key,
      result,
      revocable,
      page: shown === undefined ? undefined : { shown, opened: await page(idTokenHint) },
    }
  } catch (error) {
    // An entry that another tool wrote for an issuer that nobody can ask: it goes all the same.
    if (!isAuthError(error) || error.code !== 'CONFIG_INVALID') throw error
    await store.update(key, async () => undefined)
    return { key, result: { removed: true, confirmed: false, reason: error }, revocable: true }
  }
}
