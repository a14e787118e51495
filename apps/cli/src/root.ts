import { commands } from './commands.ts'
import { exitCode } from './exit-code.ts'
import { rootHelp } from './help.ts'
import type { Io } from './io.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

// What users of other tools type.
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['list', 'status'],
  ['revoke', 'logout'],
])

/** `auth` without a command: help, version, or what was meant. */
export function root(words: readonly string[], io: Io): number {
  const [word] = words
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') io.out(rootHelp())
  else if (word === '--version' || word === '-V') io.out(`${version()}\n`)
  else throw unknown(word)
  return exitCode.done
}

function unknown(word: string): UsageError {
  if (word.startsWith('-'))
    return new UsageError(`There is no option ${word.split('=')[0]} here: options follow the command.`, { see: 'auth' })
  const meant = elsewhere.get(word)
  const instead = meant === undefined ? '' : ` It is called ${meant} here.`
  return new UsageError(`There is no command ${word}.${instead}`, {
    see: 'auth',
    typed: word,
    words: Object.keys(commands),
  })
}
