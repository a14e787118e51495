import {
  type AuthError,
  endSessionUrl,
  type IssuerError,
  isAuthError,
  type LoginKey,
  type LogoutResult,
  session,
} from '@latchkey/core'
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

/** What the issuer answered, where it did. */
const refusalOf = (reason: AuthError | undefined): IssuerError['refusal'] | undefined =>
  reason !== undefined && 'refusal' in reason ? (reason as IssuerError).refusal : undefined

/** Whether the issuer said that the client did not prove who it is: with its secret the same would work. */
function isUnproven(reason: AuthError | undefined): boolean {
  const refusal = refusalOf(reason)
  return refusal !== undefined && (refusal.status === 401 || refusal.error === 'invalid_client')
}

/** Whether a login is still here, since its refresh token would live on at the issuer with nobody left to end it. */
export function isKept({ result: { removed, reason } }: Ended): boolean {
  return !removed && isUnproven(reason)
}

const withSecret = 'Try again with --client-secret-file FILE, or remove it here alone with --force.'

/** What a logout came to, in a line. */
export function logoutText(ended: Ended): string {
  const { key, revocable, result } = ended
  const { confirmed, reason } = result
  if (isKept(ended)) {
    return terminalText(`Not logged out ${described(key)}: the login stays. ${reason?.message} ${withSecret}`)
  }
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

/** How a login is ended. */
export interface Ending {
  readonly secretFile: string | undefined
  /** Removes it whatever the issuer says. */
  readonly force: boolean
}

/** Revokes a login and removes it; the latter also where the issuer is out of reach. */
export async function loggedOut(key: LoginKey, { secretFile, force }: Ending, context: Context): Promise<Ended> {
  const { io, fetch } = context
  const store = context.store()
  try {
    const secret = await clientSecret(key, secretFile, io)
    const login = session({ ...key, clientSecret: secret, store, fetch })
    const before = await store.get(key)
    const revocable = before?.refreshToken !== undefined || before?.unfinished !== undefined
    const idTokenHint = before?.tokens['']?.idToken
    const keep = force ? undefined : isUnproven
    const result = await login.logout({ keep, signal: io.interruption() })
    // An issuer that did not answer is not asked again.
    if (!result.removed || (result.reason !== undefined && refusalOf(result.reason) === undefined))
      return { key, result, revocable }
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
