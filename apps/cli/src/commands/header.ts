import { AuthError } from '@latchkey/core'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { freshToken, tokenFlags, tokenOptions } from '../fresh-token.ts'
import { jsonText } from '../json-text.ts'

export const header: Command = {
  usage: '[ISSUER|NAME]',
  operands: ['ISSUER'],
  flags: tokenFlags,
  about: `Prints "Authorization: Bearer TOKEN" with a token that is good now, for curl -H @-. Never starts a login.
Without ISSUER: the only login there is.`,
  examples: '  auth header cdse | curl -H @- https://…',
  run: async (args, context) => {
    const options = tokenOptions(args)
    const { key, token } = await freshToken(options, context, 'auth header')
    if (token.tokenType === 'DPoP') {
      throw new AuthError(
        'UNSUPPORTED',
        `The tokens of ${key.issuer} are bound to a key (DPoP): a header alone does not carry them.`,
      )
    }
    const value = `${token.tokenType} ${token.accessToken}`
    context.io.out(options.json ? jsonText({ authorization: value }) : `Authorization: ${value}\n`)
    return exitCode.done
  },
}
