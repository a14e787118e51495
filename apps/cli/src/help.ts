import type { Flag, Grammar } from './args.ts'
import type { Command } from './command.ts'
import { commands } from './commands.ts'

const exitCodes = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a person has to log in,
4 try again later, 130 interrupted.`

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}

/** What `auth --help` prints: one screen of 24 lines and 80 columns. */
export function rootHelp(): string {
  const all = Object.entries(commands).filter(([, { aliasOf }]) => aliasOf === undefined)
  const width = Math.max(...all.map(([name]) => name.length))
  const listed = (openeo: boolean): string =>
    columns(
      all
        .filter(([, entry]) => (entry.openeo ?? false) === openeo)
        .map(([name, { summary }]) => [name.padEnd(width), summary]),
    )
  return `Usage: auth COMMAND [options]

Log in once; hand out fresh tokens.  auth login cdse; auth header | curl -H @- …
${listed(false)}
openEO back-ends, with the files and commands of openeo-auth:
${listed(true)}
auth COMMAND --help shows the options, auth --version the version. -v before
COMMAND shows each request.
${exitCodes}
`
}

function spelled([name, { value, short, negatable }]: readonly [string, Flag]): string {
  const long = negatable ? `--${name}, --no-${name}` : `--${name}`
  return `${short === undefined ? '' : `-${short}, `}${long}${value === undefined ? '' : ` ${value}`}`
}

/** What `auth COMMAND --help` prints. */
export function commandHelp(grammar: Grammar, { usage, about }: Command): string {
  const rows = Object.entries(grammar.flags).map((row): [string, string] => [spelled(row), row[1].help])
  const line = ['Usage:', grammar.name, usage, '[options]'].filter((part) => part !== '').join(' ')
  return `${line}\n\n${about}\n\nOptions:\n${columns(rows)}`
}
