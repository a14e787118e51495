import { AuthError, type LoginKey } from '@latchkey/core'
import { described, loginOptions } from './login-words.ts'
import { quoted } from './quoted.ts'
import type { Wanted } from './stored-login.ts'
import { canonicalIssuer, isSameIssuer } from './target.ts'
import { UsageError } from './usage-error.ts'

/** More than this are not named one by one. */
const mostNamed = 5

/** Several logins fit: names them, with what to add. */
export function ambiguous(keys: readonly LoginKey[], { target }: Wanted, command: string): UsageError {
  const where = target === undefined ? '' : ` at ${target.issuer}`
  const list = keys
    .slice(0, mostNamed)
    .map((key) => `${command} ${quoted(target?.typed ?? key.issuer)} ${loginOptions(key)}`)
  const more = keys.length > mostNamed ? `, or one of ${keys.length - mostNamed} more (see: auth status)` : ''
  return new UsageError(`There are ${keys.length} logins${where}. Say which: ${list.join(', or ')}${more}`)
}

/** No login fits: names the near ones, and the command to run. */
export function missing(wanted: Wanted, all: readonly LoginKey[]): AuthError {
  const { target, clientId, account } = wanted
  const client = clientId === undefined ? '' : ` for client ${clientId}`
  const where = target === undefined ? '' : ` at ${target.issuer}`
  const who = account === undefined ? client : `${client}, account ${account}${where && ','}`
  const close = all.filter((key) => isNear(key, wanted)).slice(0, 3)
  const near = close.length === 0 ? '' : ` There is one for ${close.map(described).join(', and one for ')}.`
  const advice = target === undefined ? 'auth login NAME (auth login lists the names)' : loginCommand(wanted)
  return new AuthError('LOGIN_REQUIRED', `There is no login${who}${where}.${near} Log in with: ${advice}`)
}

/** What to type to get the login that was wanted. */
function loginCommand({ target, clientId, account, backend }: Wanted): string {
  if (backend !== undefined) return `auth oidc-auth ${quoted(target?.typed ?? 'BACKEND')}`
  const id = clientId ?? (target?.clientId === undefined ? 'ID' : undefined)
  const client = id === undefined ? '' : ` --client-id ${quoted(id)}`
  const typed = quoted(target?.typed ?? 'NAME')
  const orBackend = id === 'ID' ? `, or where it is an openEO back-end: auth oidc-auth ${typed}` : ''
  return `auth login ${typed}${client}${account === undefined ? '' : ` --account ${quoted(account)}`}${orBackend}`
}

/** At the same host, by the same client, or the account of another name. */
function isNear(key: LoginKey, { target, clientId }: Wanted): boolean {
  if (key.clientId === clientId || target === undefined) return true
  if (isSameIssuer(key.issuer, target)) return true
  return hostOf(key.issuer) === hostOf(target.issuer)
}

const hostOf = (issuer: string): string => {
  const text = canonicalIssuer(issuer)
  return URL.canParse(text) ? new URL(text).hostname : text
}
