import type { Flag, Grammar } from './args.ts'
import type { Command } from './command.ts'
import { wrapped } from './wrapped.ts'

/** The narrowest terminal that people use. */
const screen = 80

function spelled([name, { value, short, negatable }]: readonly [string, Flag]): string {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}`
  return `${short === undefined ? '' : `-${short}, `}${long}${negatable ? `, --no-${name}` : ''}`
}

/** Options with what they do beside them. */
function optionRows(flags: Grammar['flags']): string {
  const rows = Object.entries(flags).map((row): [string, string] => [spelled(row), row[1].help])
  const width = Math.max(...rows.map(([left]) => left.length))
  const indent = ' '.repeat(width + 4)
  const row = ([left, right]: readonly [string, string]): string =>
    `  ${left.padEnd(width)}  ${wrapped(right, screen - indent.length).join(`\n${indent}`)}\n`
  return rows.map(row).join('')
}

/** What `auth COMMAND --help` prints. */
export function commandHelp(grammar: Grammar, { usage, about, examples }: Command): string {
  const options = usage.includes('[options]') ? '' : '[options]'
  const line = ['Usage:', grammar.name, usage, options].filter((part) => part !== '').join(' ')
  const shown = examples === undefined ? '' : `\nExamples:\n${examples}\n`
  return `${line}\n\n${wrapped(about, screen).join('\n')}\n\nOptions:\n${optionRows(grammar.flags)}${shown}`
}
