import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { assertUsableAlone, freshToken, tokenFlags, tokenOptions } from '../fresh-token.ts'
import { jsonText } from '../json-text.ts'

export const header: Command = {
  usage: '[ISSUER|NAME|BACKEND]',
  operands: ['ISSUER'],
  flags: tokenFlags,
  about: `Prints "Authorization: Bearer TOKEN" with a token that is good now, for curl -H @-. Never starts a login.
For an openEO back-end in its own form: oidc/PROVIDER/TOKEN or basic//TOKEN. Without ISSUER: the only login there is.`,
  examples: '  auth header cdse | curl -H @- https://…',
  run: async (args, context) => {
    const options = await tokenOptions(args, context)
    const fresh = await freshToken(options, context, 'auth header')
    assertUsableAlone(fresh, 'a header')
    const { token, credentials } = fresh
    const value = `${token.tokenType} ${credentials}`
    context.io.out(options.json ? jsonText({ authorization: value }) : `Authorization: ${value}\n`)
    return exitCode.done
  },
}
