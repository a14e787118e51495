import type { KnownIssuer } from '@latchkey/login/issuers'
import { jsonText } from '../json-text.ts'
import { terminalText } from '../terminal-text.ts'

const screen = 80

/** A row of the list, cut to the screen; a person's own table may hold anything. */
function line(left: string, { name, title }: KnownIssuer, width: number): string {
  const text = terminalText(`  ${left}${name.padEnd(width)}  ${title}`)
  return text.length > screen ? `${text.slice(0, screen - 3)}...` : text
}

/** The names that a login may be asked for by, in columns; numbered where one is to be chosen. */
export function listed(rows: readonly KnownIssuer[], numbered: boolean): string {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const digits = String(rows.length).length
  const left = (at: number): string => (numbered ? `${String(at + 1).padStart(digits)}  ` : '')
  return rows.map((row, at) => `${line(left(at), row, width)}\n`).join('')
}

/** What `auth login` prints where nobody can choose. */
export function listingText(rows: readonly KnownIssuer[]): string {
  const [servers, kinds] = [rows.filter(({ issuer }) => issuer), rows.filter(({ issuer }) => !issuer)]
  const more =
    kinds.length === 0 ? '' : `\nauth login NAME ADDRESS, for one server of a kind:\n\n${listed(kinds, false)}`
  return `auth login NAME\n\n${listed(servers, false)}${more}\nAny other: auth login ISSUER --client-id ID\n`
}

/** The same for programs. */
export function listingJson(rows: readonly KnownIssuer[]): string {
  return jsonText(
    rows.map(({ clientId, clientSecret: _, issuer, ...row }) => ({
      ...row,
      issuer: issuer ?? null,
      client_id: clientId ?? null,
    })),
  )
}
