import { type DescribedCommand, valued } from './described-commands.ts'

/** What bash reads: `source <(auth completion bash)`. */
export function bashScript(commands: readonly DescribedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  const cases = commands.map(({ name, options, takesIssuer }) => {
    const words = options.map((option) => option.name).join(' ')
    return `    ${name}) options='${words}'${takesIssuer ? ' issuers=yes' : ''} ;;`
  })
  const values = valued(commands, (value) => {
    if (value === 'any') return ''
    return value === 'file'
      ? 'COMPREPLY=($(compgen -f -- "$word")); '
      : `COMPREPLY=($(compgen -W '${value.join(' ')}' -- "$word")); `
  }).map(([name, offer]) => `    ${name}) ${offer}return ;;`)
  return `# auth, for bash: source <(auth completion bash)
_auth() {
  local line=\${COMP_LINE:0:COMP_POINT} options='' issuers='' list='' word before
  # bash splits at : and =, which stand in addresses and options: the word is what follows the last space.
  word=\${line##*[[:space:]]}
  COMPREPLY=()
  if [[ $line != *[[:space:]]*[[:space:]]* ]]; then
    COMPREPLY=($(compgen -W '${names}' -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  if [[ $line == *[[:space:]]--[[:space:]]* ]]; then
    if [[ $line == *[[:space:]]--[[:space:]]*[[:space:]]* ]]; then COMPREPLY=($(compgen -f -- "$word"))
    else COMPREPLY=($(compgen -c -- "$word")); fi
    return
  fi
  before=\${line%"$word"}
  before=\${before%"\${before##*[![:space:]]}"}
  case \${before##*[[:space:]]} in
${values.join('\n')}
  esac
  if [[ $word == -* ]]; then list=$options
  elif [[ -n $issuers ]]; then list=$(auth completion names 2>/dev/null)
  elif [[ \${COMP_WORDS[1]} == completion ]]; then list='bash zsh fish'
  fi
  COMPREPLY=($(compgen -W "$list" -- "$word"))
  if [[ $word == *:* ]]; then COMPREPLY=("\${COMPREPLY[@]#"\${word%:*}:"}"); fi
}
complete -F _auth auth
`
}
