import type { DescribedCommand, DescribedOption } from './described-commands.ts'

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** A value is needed; what it may be. */
function valueWords(value: DescribedOption['value']): string {
  if (value === undefined) return ''
  if (value === 'file') return ' -r -F'
  return value === 'any' ? ' -x' : ` -x -a ${quoted(value.join(' '))}`
}

function optionLines({ name, options }: DescribedCommand): readonly string[] {
  const condition = quoted(`__fish_seen_subcommand_from ${name}`)
  return options.map(
    (option) =>
      `complete -c auth -n ${condition} -l ${option.name.slice(2)}${valueWords(option.value)} -d ${quoted(option.does)}`,
  )
}

/** What fish reads: `auth completion fish | source`. */
export function fishScript(commands: readonly DescribedCommand[]): string {
  const issuers = commands.filter(({ takesIssuer }) => takesIssuer).map(({ name }) => name)
  const lines = [
    '# auth, for fish: auth completion fish | source',
    'complete -c auth -f',
    ...commands.map(({ name, does }) => `complete -c auth -n __fish_use_subcommand -a ${name} -d ${quoted(does)}`),
    ...commands.flatMap(optionLines),
    `complete -c auth -n ${quoted(`__fish_seen_subcommand_from ${issuers.join(' ')}`)} -a '(auth completion names 2>/dev/null)'`,
    "complete -c auth -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'",
  ]
  return `${lines.join('\n')}\n`
}
