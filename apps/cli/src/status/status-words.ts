import { durationText } from '../duration.ts'
import type { Checked } from './check.ts'
import { type LoginStatus, ownToken } from './login-status.ts'

/** What the next use does about an access token that is not good. */
function nextUse({ login, state }: LoginStatus): string {
  if (state !== 'renewable') return ''
  return login.refused === undefined ? 'the next use renews it' : 'the next use tries once more'
}

/** The access token in words. */
export function tokenWords(status: LoginStatus, now: number): string {
  const { login, state } = status
  const own = ownToken(login)
  const next = nextUse(status)
  if (own === undefined)
    return next === 'the next use renews it' ? 'none yet; the next use gets one' : ended('none', next)
  if (state !== 'fresh') return ended('expired', next)
  return own.expiresAt === undefined ? 'good until it is refused' : `expires in ${durationText(own.expiresAt - now)}`
}

const ended = (what: string, next: string): string => (next === '' ? what : `${what}; ${next}`)

/** When and how the issuer refused the login. */
export function refusedWords({ login: { refused } }: LoginStatus, now: number): string | undefined {
  if (refused === undefined) return undefined
  const often = refused.times > 1 ? `, ${refused.times} times` : ''
  return `by the issuer ${durationText(now - refused.at)} ago (${refused.code}${often})`
}

const sources: Readonly<Record<Checked['by'], string>> = {
  introspection: 'about the refresh token',
  userinfo: 'about the access token',
  renewal: 'by renewing the access token',
  nobody: 'nobody could be asked',
}

/** What the issuer said when it was asked. */
export function checkedWords({ result, by, reason }: Checked): string {
  if (result === 'good') return `good: the issuer says so, ${sources[by]}`
  const why = reason === undefined ? sources[by] : reason.message
  return result === 'refused' ? `refused by the issuer: ${why}` : `the issuer does not tell: ${why}`
}
