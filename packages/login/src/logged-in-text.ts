import { terminalText } from './terminal/terminal-text.ts'

/** The claims that say who somebody is, the most telling first; `sub` tells a person nothing. */
const names = ['preferred_username', 'email', 'name'] as const

const longestName = 100

/** The line that ends a login: where, and as whom, if the ID token says. */
export function loggedInText(issuer: string, claims: Readonly<Record<string, unknown>> = {}): string {
  const name = names.map((claim) => claims[claim]).find((value) => typeof value === 'string' && value !== '')
  const who = typeof name === 'string' ? ` as ${terminalText(name.slice(0, longestName))}` : ''
  return `Logged in at ${terminalText(issuer)}${who}.`
}
