import { durationText } from '../duration.ts'
import { loginOptions } from '../login-words.ts'
import { quoted } from '../quoted.ts'
import { terminalText } from '../terminal-text.ts'
import { type LoginStatus, ownToken } from './login-status.ts'
import { checkedWords, refusedWords, tokenWords } from './status-words.ts'

function refreshWords({ login }: LoginStatus): string {
  if (login.refreshToken !== undefined) return 'stored'
  return login.tokens[''] === undefined && ownToken(login) !== undefined
    ? 'none: a program renews this login'
    : 'none: the login ends with its access token'
}

/** What to type to log in anew. */
export function loginAgain({ key }: LoginStatus): string {
  return `auth login ${quoted(key.issuer)} ${loginOptions(key)}`
}

/** A login in lines for a person. */
export function statusText(status: LoginStatus, now: number): string {
  const { key, login, checked, state } = status
  const { failed } = login
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['client', key.clientId],
    ['account', key.account],
    ['subject', login.subject],
    ['scope', login.scope],
    ['access token', tokenWords(status, now)],
    ['refresh token', refreshWords(status)],
    ['refused', refusedWords(status, now)],
    ['failed', failed && `${failed.code} ${durationText(now - failed.at)} ago`],
    ['checked', checked && checkedWords(checked)],
    ['log in with', state === 'login_required' ? loginAgain(status) : undefined],
  ]
  const lines = rows.map(([name, text]) => (text === undefined ? '' : `  ${name.padEnd(13)}  ${terminalText(text)}\n`))
  return `${terminalText(key.issuer)}\n${lines.join('')}`
}
