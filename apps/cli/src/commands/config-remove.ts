import { authConfigFile, type ConfigEntry, configEntries, removeConfigEntries } from '@latchkey/file-store'
import type { Arguments } from '../args.ts'
import { storedOperand } from '../backend-operand.ts'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { isConfirmed } from '../prompt.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'

/** Whether an entry is meant; without an option all are. */
function isMeant(entry: ConfigEntry, { values, switches }: Arguments): boolean {
  const providerId = values.get('provider-id')
  const basic = switches.get('basic') === true
  if (providerId === undefined && !basic) return true
  return entry.kind === 'basic' ? basic : entry.providerId === providerId
}

const described = (entry: ConfigEntry): string =>
  entry.kind === 'basic' ? 'user and password' : `provider ${entry.providerId}`

export const configRemove: Command = {
  usage: 'BACKEND',
  operands: ['BACKEND'],
  prefixes: true,
  flags: {
    basic: { help: 'Remove the user and password.' },
    'provider-id': { value: 'P', help: 'Remove the client of this OpenID provider.' },
    force: { short: 'f', help: 'Remove without asking confirmation.' },
  },
  about: `Removes what auth-config.json holds for a back-end: all of it, or what the options name. Logins stay: auth logout.
Asks first; where there is no terminal and no answer on stdin, --force is needed.`,
  examples: '  auth config-remove openeo.example.org --provider-id egi',
  run: async (args, { io }) => {
    const backend = storedOperand(args, 'auth config-remove')
    const { path } = authConfigFile({ env: io.env })
    const found = (await configEntries(backend, { env: io.env })).filter((entry) => isMeant(entry, args))
    const what = terminalText(`${found.map(described).join(', ')} of ${backend}`)
    if (found.length === 0) {
      io.out(`No such configuration of ${terminalText(backend)} in ${path}.\n`)
      return exitCode.done
    }
    const confirmed = args.switches.get('force') || (await isConfirmed(`Remove ${what} from ${path}?`, io))
    if (confirmed === undefined)
      throw new UsageError(`Nobody answered whether to remove ${what}: run it in a terminal, or with --force.`)
    if (confirmed) await removeConfigEntries(backend, found, { env: io.env })
    io.out(confirmed ? `Removed ${what} from ${path}.\n` : `Keeping ${what}.\n`)
    return exitCode.done
  },
}
