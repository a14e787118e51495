import { systemClock } from '@latchkey/core'
import { type FileStore, fileStore } from '@latchkey/file-store'
import { type Grammar, parseArguments } from './args.ts'
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
  // The terminal has echoed ^C.
  const start = io.interrupted() === exitCode.interrupted ? '\n' : ''
  io.err(`${start}auth: ${terminalText(message + help)}\n`)
  return exitCodeOf(error)
}

async function advice({ typed, words = [], see }: UsageHelp): Promise<string> {
  const meant = typed === undefined ? [] : (await import('./near.ts')).near(typed, words)
  const guess = meant.length === 0 ? '' : ` Did you mean ${meant.join(' or ')}?`
  return see === undefined ? guess : `${guess} See: ${see} --help`
}

async function dispatch(words: readonly string[], io: Io): Promise<number> {
  const [name] = words
  if (name === undefined || !isCommand(name)) return (await import('./root.ts')).root(words, io)
  const command = await commands[name].load()
  const grammar: Grammar = {
    name: `auth ${name}`,
    operands: command.operands,
    flags: { ...command.flags, ...helpFlag },
  }
  if (words.includes('--help') || words.includes('-h')) return help(words, grammar, command, io)
  return run(command, words, grammar, io)
}

/** `--help` wins over what else is wrong with the line, unless it stands behind `--`. */
async function help(words: readonly string[], grammar: Grammar, command: Command, io: Io): Promise<number> {
  const end = words.indexOf('--')
  const asked = words.slice(1, end === -1 ? undefined : end).some((word) => word === '--help' || word === '-h')
  if (!asked) return run(command, words, grammar, io)
  io.out((await import('./command-help.ts')).commandHelp(grammar, command))
  return exitCode.done
}

async function run(command: Command, words: readonly string[], grammar: Grammar, io: Io): Promise<number> {
  const end = command.takesCommand ? words.indexOf('--') : -1
  const rest = end === -1 ? undefined : words.slice(end + 1)
  const args = parseArguments(words.slice(1, end === -1 ? undefined : end), grammar)
  let opened: FileStore | undefined
  const context: Context = { io, store: () => (opened ??= fileStore({ env: io.env })), rest }
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
