import { authConfigFile, refreshTokensFile, type SharedFile } from '@latchkey/file-store'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { json } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { fileWords } from '../python-words.ts'

function fileJson({ path, mode, size }: SharedFile): object {
  return { path, exists: mode !== undefined, mode: mode?.toString(8) ?? null, size: size ?? null }
}

export const paths: Command = {
  usage: '',
  operands: [],
  prefixes: true,
  flags: { json },
  about:
    'Shows where auth-config.json and refresh-tokens.json are, or would be. Our own files are in latchkey/ beside the latter.',
  examples: '  auth paths',
  run: async (args, { io }) => {
    const config = authConfigFile({ env: io.env })
    const tokens = refreshTokensFile({ env: io.env })
    if (args.switches.get('json')) io.out(jsonText({ auth_config: fileJson(config), refresh_tokens: fileJson(tokens) }))
    else {
      io.out(`openEO auth config: ${config.path} (${fileWords(config)})\n`)
      io.out(`openEO OpenID Connect refresh token store: ${tokens.path} (${fileWords(tokens)})\n`)
    }
    return exitCode.done
  },
}
