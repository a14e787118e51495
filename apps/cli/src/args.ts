import { UsageError, type UsageHelp } from './usage-error.ts'

/** One option of a command. */
export interface Flag {
  /** What stands for its value in the help; without it the option is a switch. */
  readonly value?: string
  /** One letter, for `-f`. */
  readonly short?: string
  /** `--no-NAME` turns it off: the switch, or what would happen without a value. */
  readonly negatable?: true
  readonly help: string
}

/** The options of a command, by name without the dashes. */
export type Flags = Readonly<Record<string, Flag>>

/** What a command line may hold. */
export interface Grammar {
  /** For messages: `auth token`. */
  readonly name: string
  readonly flags: Flags
  /** What the words without dashes are called, in order; all may be left out. */
  readonly operands: readonly string[]
  /** Whether the beginning of an option's name stands for it, as in the openEO tool. */
  readonly prefixes?: boolean | undefined
}

/** A command line, taken apart. Every word of it was understood. */
export interface Arguments {
  readonly operands: readonly string[]
  readonly values: ReadonlyMap<string, string>
  readonly switches: ReadonlyMap<string, boolean>
}

// Every user of the machine can read the arguments of a process.
const secretFlags = new Set(['client-secret', 'secret', 'password', 'token', 'refresh-token', 'access-token'])
const secretAdvice =
  'Put a client secret into a file (--client-secret-file FILE, - reads stdin) or into LATCHKEY_CLIENT_SECRET.'
const passwordAdvice =
  'Put the password into a file (--password-file FILE, - reads stdin) or into LATCHKEY_PASSWORD, or leave it out to be asked.'

interface Cursor {
  readonly grammar: Grammar
  readonly words: readonly string[]
  at: number
  readonly operands: string[]
  readonly values: Map<string, string>
  readonly switches: Map<string, boolean>
}

/**
 * Takes a command line apart: `--name value`, `--name=value`, `--switch`, `--no-switch`, `-f`, `--`, and operands anywhere.
 *
 * @throws UsageError for whatever is not in the grammar; it never repeats a value
 */
export function parseArguments(words: readonly string[], grammar: Grammar): Arguments {
  const cursor: Cursor = { grammar, words, at: 0, operands: [], values: new Map(), switches: new Map() }
  let onlyOperands = false
  while (cursor.at < words.length) {
    const word = words[cursor.at++] ?? ''
    if (word === '--' && !onlyOperands) onlyOperands = true
    else if (onlyOperands || word === '-' || !word.startsWith('-')) takeOperand(cursor, word)
    else if (word.startsWith('--')) takeLong(cursor, word)
    else takeShort(cursor, word)
  }
  return cursor
}

function fault({ grammar }: Cursor, text: string, help?: UsageHelp): UsageError {
  return new UsageError(text, { see: grammar.name, ...help })
}

function takeOperand(cursor: Cursor, word: string): void {
  const { operands } = cursor.grammar
  if (word === '') throw fault(cursor, `The ${operands[cursor.operands.length] ?? 'argument'} is empty.`)
  if (cursor.operands.length >= operands.length) {
    const takes = operands.length === 0 ? 'no argument' : `at most one ${operands.join(', one ')}`
    throw fault(cursor, `This command takes ${takes}.`)
  }
  cursor.operands.push(word)
}

function takeLong(cursor: Cursor, word: string): void {
  const equals = word.indexOf('=')
  const name = word.slice(2, equals === -1 ? undefined : equals)
  const given = equals === -1 ? undefined : word.slice(equals + 1)
  const { flags } = cursor.grammar
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (flag !== undefined) return take(cursor, name, flag, given)
  const positive = name.startsWith('no-') ? name.slice(3) : ''
  if (Object.hasOwn(flags, positive) && flags[positive]?.negatable === true) {
    if (given !== undefined) throw fault(cursor, `--${name} takes no value.`)
    return turn(cursor, positive, false)
  }
  if (secretFlags.has(name)) throw secretInView(name, flags)
  const [meant, ...others] = completions(name, cursor.grammar)
  if (meant !== undefined && others.length === 0) return take(cursor, meant[0], meant[1], given)
  const typed = `--${name}`
  throw fault(cursor, `There is no option ${typed}.`, { typed, words: flagWords(flags) })
}

function secretInView(name: string, flags: Flags): UsageError {
  const advice = name === 'password' && Object.hasOwn(flags, 'password-file') ? passwordAdvice : secretAdvice
  return new UsageError(`--${name} would show a secret to every user of this machine. ${advice}`)
}

/** The options that a beginning may stand for. Not the files of secrets: who begins to type one may mean the secret itself. */
function completions(beginning: string, { flags, prefixes = false }: Grammar): readonly (readonly [string, Flag])[] {
  if (!prefixes || beginning === '') return []
  return Object.entries(flags).filter(
    ([name]) => name.startsWith(beginning) && ![...secretFlags].some((secret) => name.startsWith(secret)),
  )
}

function flagWords(flags: Flags): readonly string[] {
  return Object.entries(flags).flatMap(([name, flag]) =>
    flag.negatable ? [`--${name}`, `--no-${name}`] : [`--${name}`],
  )
}

function takeShort(cursor: Cursor, word: string): void {
  const found = Object.entries(cursor.grammar.flags).find(([, flag]) => `-${flag.short}` === word)
  if (found === undefined) throw fault(cursor, `There is no option ${word.slice(0, 2)}.`)
  take(cursor, found[0], found[1], undefined)
}

function take(cursor: Cursor, name: string, flag: Flag, given: string | undefined): void {
  if (flag.value === undefined) {
    if (given !== undefined) throw fault(cursor, `--${name} takes no value.`)
    return turn(cursor, name, true)
  }
  const next = cursor.words[cursor.at]
  // A value that starts with dashes is more often a forgotten one; = says that it is meant.
  const value = given ?? (next?.startsWith('--') ? undefined : next)
  if (given === undefined) cursor.at++
  if (value === undefined || value === '') throw fault(cursor, `--${name} needs a value: --${name}=${flag.value}.`)
  if (cursor.values.has(name)) throw fault(cursor, `--${name} is given twice.`)
  cursor.values.set(name, value)
}

function turn(cursor: Cursor, name: string, on: boolean): void {
  if (cursor.switches.has(name) && cursor.switches.get(name) !== on) {
    throw fault(cursor, `--${name} and --no-${name} contradict each other.`)
  }
  cursor.switches.set(name, on)
}
