import { commands } from './commands.ts'

const exitCodes =
  'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a person has to log in, 4 try again later, 130 interrupted.'

const examples = `  auth login cdse                          log in, once
  auth header | curl -H @- https://…       call an API with a fresh token
  auth status                              see what there is`

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}

/** What `auth --help` prints. */
export function rootHelp(): string {
  const rows = Object.entries(commands)
    .filter(([, { aliasOf }]) => aliasOf === undefined)
    .map(([name, { summary }]): [string, string] => [name, summary])
  return [
    'Usage: auth COMMAND [options]\n\nLog in once; hand out fresh tokens. Shares its files with the openEO Python client.\n',
    `Commands:\n${columns(rows)}`,
    `Examples:\n${examples}\n`,
    'auth COMMAND --help shows the options of a command, auth --version the version.',
    `${exitCodes}\n`,
  ].join('\n')
}
