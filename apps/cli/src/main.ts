import { systemClock } from '@latchkey/core'
import { type FileStore, fileStore } from '@latchkey/file-store'
import { type Arguments, type Grammar, parseArguments } from './args.ts'
import type { Command, Context } from './command.ts'
import { commands, isCommand } from './commands.ts'
import { exitCode, exitCodeOf } from './exit-code.ts'
import { helpFlag } from './flags.ts'
import { type Io, isClosedOutput } from './io.ts'
import { terminalText } from './terminal-text.ts'
import { UsageError, type UsageHelp } from './usage-error.ts'

/** How long a signal waits for an exchange that is being stored. */
const lastWaitMs = 5_000
const silentWaitMs = 200

/** The program: words to exit code. Never throws. */
export async function main(words: readonly string[], io: Io): Promise<number> {
  let code: number
  try {
    code = await dispatch(words, io)
  } catch (error) {
    code = await failure(error, io)
  }
  return io.interrupted() ?? code
}

/** Says what went wrong; gives the exit code. */
export async function failure(error: unknown, io: Io): Promise<number> {
  if (isClosedOutput(error)) return exitCode.done
  const message = error instanceof Error ? error.message : String(error)
  const help = error instanceof UsageError ? await advice(error.help) : ''
  const start = io.echoed() ? '\n' : ''
  io.err(`${start}auth: ${terminalText(message + help)}\n`)
  return exitCodeOf(error)
}

async function advice({ typed, words = [], see }: UsageHelp): Promise<string> {
  const meant = typed === undefined ? [] : (await import('./near.ts')).near(typed, words)
  const guess = meant.length === 0 ? '' : ` Did you mean ${meant.join(' or ')}?`
  return see === undefined ? guess : `${guess} See: ${see} --help`
}

/** `-v` and `--verbose`, as often as one likes, before the command: where the openEO tool has them. */
const isVerbose = (word: string | undefined): boolean => word === '--verbose' || /^-v+$/.test(word ?? '')

async function dispatch(line: readonly string[], io: Io): Promise<number> {
  const start = line.findIndex((word) => !isVerbose(word))
  const words = start === -1 ? [] : line.slice(start)
  const [name] = words
  if (name === undefined || !isCommand(name)) return (await import('./root.ts')).root(words, io)
  const command = await commands[name].load()
  const grammar: Grammar = {
    name: `auth ${name}`,
    operands: command.operands,
    flags: { ...command.flags, ...helpFlag },
    prefixes: command.prefixes,
  }
  if (isHelp(words)) {
    io.out((await import('./command-help.ts')).commandHelp(grammar, command))
    return exitCode.done
  }
  const fetch = start > 0 ? (await import('./shown-fetch.ts')).shownFetch(io) : undefined
  const end = command.takesCommand ? words.indexOf('--') : -1
  const rest = end === -1 ? undefined : words.slice(end + 1)
  const args = parseArguments(words.slice(1, end === -1 ? undefined : end), grammar)
  return run(command, args, { io, fetch, rest })
}

/** `--help` wins over what else is wrong with the line, unless it stands behind `--`. */
function isHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(1, end === -1 ? undefined : end).some((word) => word === '--help' || word === '-h')
}

async function run(command: Command, args: Arguments, { io, ...more }: Omit<Context, 'store'>): Promise<number> {
  let opened: FileStore | undefined
  const context: Context = { io, ...more, store: () => (opened ??= fileStore({ env: io.env })) }
  try {
    return await command.run(args, context)
  } finally {
    if (io.interrupted() !== undefined && opened !== undefined) await stored(opened, io)
  }
}

/** What the issuer is answering right now must reach the disk: the old refresh token may be worth nothing any more. */
async function stored(store: FileStore, io: Io): Promise<void> {
  const idle = store.idle().then(() => true)
  const within = (ms: number): Promise<boolean> => Promise.race([idle, systemClock.sleep(ms).then(() => false)])
  if (await within(silentWaitMs)) return
  io.err('auth: Waiting for an answer that is to be stored. The same again ends the program at once.\n')
  await within(lastWaitMs - silentWaitMs)
}
