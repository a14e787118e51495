import { isUnicode } from './qr-code.ts'
import { isLive, type Terminal } from './terminal.ts'

/** Makes bold what a person looks for, where the terminal can; what is copied stays the same. */
export function emphasis(terminal: Terminal): (text: string) => string {
  if (!isLive(terminal) || terminal.env['NO_COLOR']) return (text) => text
  return (text) => `\u001b[1m${text}\u001b[22m`
}

/** The sign of a good end, with a blank, where the terminal has one. */
export function goodSign(terminal: Terminal): string {
  return isLive(terminal) && isUnicode(terminal) ? '✓ ' : ''
}
