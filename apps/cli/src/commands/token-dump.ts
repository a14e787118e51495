import { refreshTokensFile } from '@latchkey/file-store'
import type { Command } from '../command.ts'
import { dump, dumpFlags } from '../dump.ts'

export const tokenDump: Command = {
  usage: '',
  operands: [],
  prefixes: true,
  flags: dumpFlags,
  about: 'Prints refresh-tokens.json of the openEO client. Access tokens are not in it: auth token prints one.',
  examples: '  auth token-dump --json',
  run: async (args, { io }) => dump(refreshTokensFile({ env: io.env }), args, io),
}
