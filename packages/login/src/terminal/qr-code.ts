import { encode } from 'uqr'
import { isLive, type Terminal } from './terminal.ts'

/** Light modules around the code: half of what the standard asks for, and what every phone makes do with. */
const border = 2

/** Lines of the prompt that should be seen together with the code. */
const linesBeside = 15

// White on black whatever the theme: cameras want the dark modules dark. Of the 256 colours, which no theme changes.
const paint = '\u001b[38;5;231;48;5;16m'
const reset = '\u001b[0m'

/** Two rows of modules in one line of text: what is light is drawn, for terminals are mostly dark. */
const blocks = { both: '█', upper: '▀', lower: '▄', none: ' ' }

/**
 * An address as a QR code for this terminal, or `undefined` where it cannot be shown: no TTY, not UTF-8, too narrow or
 * too low. With `NO_COLOR` it is drawn without colours, which reads well on a dark background.
 */
export function qrCode(text: string, terminal: Terminal): string | undefined {
  if (!isLive(terminal) || !isUnicode(terminal)) return undefined
  const { data, size } = encode(text, { ecc: 'L', border })
  const { columns = 80, rows = 24 } = terminal.stderr
  if (size + 4 > columns || Math.ceil(size / 2) + linesBeside > rows) return undefined
  const plain = Boolean(terminal.env['NO_COLOR'])
  const lines = Array.from({ length: Math.ceil(size / 2) }, (_, line) => {
    const cells = Array.from({ length: size }, (_, column) => {
      const upper = data[2 * line]?.[column] !== true
      const lower = 2 * line + 1 < size && data[2 * line + 1]?.[column] !== true
      return blocks[upper ? (lower ? 'both' : 'upper') : lower ? 'lower' : 'none']
    }).join('')
    return plain ? `  ${cells}` : `  ${paint}${cells}${reset}`
  })
  return `${lines.join('\n')}\n`
}

/** Whether the terminal takes what is not ASCII. */
export function isUnicode({ env, platform }: Pick<Terminal, 'env' | 'platform'>): boolean {
  if (platform === 'win32') return Boolean(env['WT_SESSION'] ?? env['TERM_PROGRAM'])
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG']
  return locale ? /utf-?8/i.test(locale) : platform === 'darwin'
}
