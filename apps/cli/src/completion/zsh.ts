import { type DescribedCommand, valued } from './described-commands.ts'

/** A word with what it does, in single quotes, as zsh's `_describe` takes it. */
const row = (name: string, does: string): string =>
  `'${`${name.replaceAll(':', '\\:')}:${does}`.replaceAll("'", "'\\''")}'`

/** What zsh reads: `source <(auth completion zsh)`, or a file `_auth` in `$fpath`. */
export function zshScript(commands: readonly DescribedCommand[]): string {
  const cases = commands.map(({ name, options, takesIssuer }) => {
    const rows = options.map((option) => row(option.name, option.does)).join(' ')
    return `    (${name}) options=(${rows})${takesIssuer ? ' issuers=yes' : ''} ;;`
  })
  const values = valued(commands, (value) => {
    if (value === 'any') return ''
    return value === 'file' ? '_files; ' : `compadd ${value.join(' ')}; `
  }).map(([name, offer]) => `    (${name}) ${offer}return ;;`)
  return `#compdef auth
# auth, for zsh: source <(auth completion zsh)
_auth() {
  local issuers=''
  local -a commands options names
  if (( CURRENT == 2 )); then
    commands=(
${commands.map(({ name, does }) => `      ${row(name, does)}`).join('\n')}
    )
    _describe command commands
    return
  fi
  # Behind -- stands another program's command line.
  integer end=\${words[(ie)--]}
  if (( end < CURRENT )); then
    shift end words
    (( CURRENT -= end ))
    _normal
    return
  fi
  case $words[2] in
${cases.join('\n')}
  esac
  case $words[CURRENT-1] in
${values.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe option options
  elif [[ -n $issuers ]]; then
    names=(\${(f)"$(auth completion names 2>/dev/null)"})
    compadd -a names
  elif [[ $words[2] == completion ]]; then
    compadd bash zsh fish
  fi
}
compdef _auth auth
`
}
