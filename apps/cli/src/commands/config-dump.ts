import { authConfigFile } from '@latchkey/file-store'
import type { Command } from '../command.ts'
import { dump, dumpFlags } from '../dump.ts'

export const configDump: Command = {
  usage: '',
  operands: [],
  prefixes: true,
  flags: dumpFlags,
  about: 'Prints auth-config.json of the openEO client: passwords and clients of back-ends.',
  examples: '  auth config-dump --show-secrets',
  run: async (args, { io }) => dump(authConfigFile({ env: io.env }), args, io),
}
