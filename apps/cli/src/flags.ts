import type { Flag, Flags } from './args.ts'

/** Understood by every command. */
export const helpFlag: Flags = { help: { short: 'h', help: 'Show this help.' } }

const flag = (help: string, value?: string): Flag => (value === undefined ? { help } : { help, value })

export const json: Flag = flag('Print JSON on stdout.')

/** Which of several logins. */
export const loginFlags: Flags = {
  'client-id': flag('The client, where there may be more than one.', 'ID'),
  account: flag('One of several accounts; default: what tools share.', 'NAME'),
}

export const secretFile: Flag = flag(
  'Read the client secret from FILE (- for stdin); else auth-config.json or LATCHKEY_CLIENT_SECRET has it.',
  'FILE',
)

/** The same for commands whose stdin belongs to somebody else. */
export const secretFileOnly: Flag = flag('Read the client secret from FILE.', 'FILE')
