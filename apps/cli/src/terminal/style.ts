import type { Io } from '../io.ts'

/** How text may look on what it is written to. */
export interface Style {
  /** Whether more than ASCII is shown. */
  readonly unicode: boolean
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
}

const plain = (text: string): string => text
const painted =
  (on: number, off: number) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`

/** Whether a locale takes what is not ASCII; Windows says it otherwise. */
function isUnicode(env: Io['env']): boolean {
  if (process.platform === 'win32') return Boolean(env['WT_SESSION'] ?? env['TERM_PROGRAM'])
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG']
  return locale ? /utf-?8/i.test(locale) : process.platform === 'darwin'
}

/** How to write to a descriptor: colours at a terminal alone, and not where the person wants none (NO_COLOR). */
export async function styleOf(descriptor: 1 | 2, { env, isTerminal }: Io): Promise<Style> {
  const terminal = (await isTerminal(descriptor)) && env['TERM'] !== 'dumb'
  const colour = terminal && !env['NO_COLOR']
  const paint = (on: number, off: number): ((text: string) => string) => (colour ? painted(on, off) : plain)
  return {
    unicode: isUnicode(env) && terminal,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
  }
}

/** The sign of a good end, with a blank, where stderr can show it. */
export async function goodSign(io: Io): Promise<string> {
  const { unicode } = await styleOf(2, io)
  return unicode ? '✓ ' : ''
}
