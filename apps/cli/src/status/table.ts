import { type KnownIssuer, knownIssuers } from '@latchkey/login/issuers'
import { durationText } from '../duration.ts'
import { canonicalIssuer } from '../target.ts'
import type { Style } from '../terminal/style.ts'
import { terminalText } from '../terminal-text.ts'
import { type LoginStatus, ownToken } from './login-status.ts'

const screen = 80
const cells = 5
const gap = '  '

type Mood = 'good' | 'rests' | 'doubt' | 'bad'

function moodOf({ state, login, checked }: LoginStatus): Mood {
  if (state === 'login_required' || checked?.result === 'refused') return 'bad'
  if (checked?.result === 'unknown' || login.failed !== undefined || login.refused !== undefined) return 'doubt'
  return state === 'fresh' ? 'good' : 'rests'
}

const signs: Readonly<Record<Mood, readonly [unicode: string, ascii: string]>> = {
  good: ['✓', '+'],
  rests: ['·', '-'],
  doubt: ['!', '!'],
  bad: ['✗', 'x'],
}

/** By the shortest thing that one may type for it: a name of the table, which stands for this client or for any, or the address. */
function nameOf({ key }: LoginStatus, rows: readonly KnownIssuer[]): string {
  const issuer = canonicalIssuer(key.issuer)
  const there = rows.filter((row) => row.issuer !== undefined && canonicalIssuer(row.issuer) === issuer)
  const row = there.find(({ clientId }) => clientId === key.clientId) ?? there.find(({ clientId }) => !clientId)
  return row?.name ?? terminalText(key.issuer.replace(/^https:\/\//, ''))
}

/** What is left of an access token: a bar of its lifetime, and the time. */
function tokenCell({ state, login }: LoginStatus, now: number, { unicode }: Style): string {
  const own = ownToken(login)
  if (own === undefined) return 'none'
  if (state !== 'fresh') return 'expired'
  if (own.expiresAt === undefined) return 'until refused'
  const left = own.expiresAt - now
  const full = Math.max(1, Math.min(cells, Math.ceil((left / (own.expiresAt - own.receivedAt)) * cells)))
  const [on, off] = unicode ? ['█', '░'] : ['#', '.']
  return `${on.repeat(full)}${off.repeat(cells - full)} ${durationText(left)}`
}

/** What becomes of the login: the last trouble, or how it goes on. */
function futureCell({ state, login, checked }: LoginStatus, now: number): string {
  const ago = (at: number): string => `${durationText(now - at)} ago`
  if (checked?.result === 'good') return 'the issuer says: good'
  if (checked?.result === 'refused') return 'the issuer refuses it'
  if (checked?.result === 'unknown') return `not known: ${checked.reason?.code ?? 'not asked'}`
  if (login.refused !== undefined)
    return state === 'renewable' ? 'refused, tries again' : `refused ${ago(login.refused.at)}`
  if (state === 'login_required') return 'log in again'
  if (login.failed !== undefined) return `${login.failed.code} ${ago(login.failed.at)}`
  if (login.refreshToken !== undefined) return 'renews itself'
  return login.tokens[''] === undefined ? 'a program renews it' : 'ends with its token'
}

/** A text in so many columns; what is cut is cut in the middle, since addresses differ at their ends. */
function cut(text: string, width: number, { unicode }: Style): string {
  if (text.length <= width) return text
  const mark = unicode ? '…' : '..'
  const tail = Math.ceil((width - mark.length) / 2)
  return `${text.slice(0, width - mark.length - tail)}${mark}${text.slice(text.length - tail)}`
}

/** Widths of the columns: the first two share what the others leave of the screen. */
function widths(rows: readonly (readonly string[])[]): readonly number[] {
  const natural = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const [name = 0, client = 0, ...fixed] = natural
  const left = screen - 2 - gap.length * (natural.length - 1) - fixed.reduce((sum, width) => sum + width, 0)
  const forClient = Math.min(client, Math.max(left - name, Math.floor(left * 0.35)))
  return [Math.min(name, left - forClient), forClient, ...fixed]
}

/** All logins at a glance: one line each, in 80 columns. */
export function statusTable(
  statuses: readonly LoginStatus[],
  now: number,
  style: Style,
  issuers: readonly KnownIssuer[] = knownIssuers,
): string {
  const accounts = statuses.some(({ key }) => key.account !== undefined)
  const head = ['LOGIN', 'CLIENT', ...(accounts ? ['ACCOUNT'] : []), 'ACCESS TOKEN', 'REFRESH']
  const rows = statuses.map((status) => [
    nameOf(status, issuers),
    terminalText(status.key.clientId),
    ...(accounts ? [cut(terminalText(status.key.account ?? '-'), 12, style)] : []),
    tokenCell(status, now, style),
    futureCell(status, now),
  ])
  const wide = widths([head, ...rows])
  const line = (row: readonly string[]): string =>
    row
      .map((text, at) => cut(text, wide[at] ?? 0, style).padEnd(wide[at] ?? 0))
      .join(gap)
      .trimEnd()
  const paint = { good: style.green, rests: style.dim, doubt: style.yellow, bad: style.red }
  const lines = statuses.map((status, at) => {
    const mood = moodOf(status)
    const sign = signs[mood][style.unicode ? 0 : 1]
    return `${paint[mood](sign)} ${line(rows[at] ?? [])}\n`
  })
  return `  ${style.dim(line(head))}\n${lines.join('')}`
}
