import { type CommandEntry, commands } from './commands.ts'
import { wrapped } from './wrapped.ts'

const exitCodes = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a person has to log in,
4 try again later, 130 interrupted.`

const screen = 80

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}

type Row = readonly [name: string, entry: CommandEntry]

const byName = (title: string, rows: readonly Row[]): string =>
  wrapped(`${title}: ${rows.map(([name]) => name).join(', ')}.`, screen).join('\n')

/** What `auth --help` prints: one screen of 24 lines and 80 columns. */
export function rootHelp(): string {
  const all: readonly Row[] = Object.entries(commands).filter(([, { aliasOf }]) => aliasOf === undefined)
  const own = all.filter(([, { helper, openeo }]) => !helper && !openeo)
  return `Usage: auth COMMAND [options]

Log in once; hand out fresh tokens.  auth login cdse; auth header | curl -H @- …
${columns(own.map(([name, { summary }]): [string, string] => [name, summary]))}
${byName(
  'openEO back-ends, with the files and commands of openeo-auth',
  all.filter(([, { openeo }]) => openeo),
)}
${byName(
  'For other programs',
  all.filter(([, { helper }]) => helper),
)}

auth COMMAND --help shows the options, auth --version the version. -v before
COMMAND shows each request.
${exitCodes}
`
}
