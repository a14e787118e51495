import type { Token } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import type { LoginToken } from '../cached-token.ts'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { freshToken, tokenFlags, tokenOptions } from '../fresh-token.ts'
import { jsonText } from '../json-text.ts'

function tokenJson({ key, token }: LoginToken): object {
  return {
    issuer: key.issuer,
    client_id: key.clientId,
    ...(key.account !== undefined && { account: key.account }),
    access_token: token.accessToken,
    token_type: token.tokenType,
    ...expiry(token),
    ...(token.scope !== undefined && { scope: token.scope }),
  }
}

function expiry({ expiresAt }: Token): object {
  if (expiresAt === undefined) return {}
  const left = Math.floor((expiresAt - systemClock.now()) / 1000)
  return { expires_at: new Date(expiresAt).toISOString(), expires_in: left }
}

export const token: Command = {
  usage: '[ISSUER|NAME]',
  operands: ['ISSUER'],
  flags: tokenFlags,
  about: `Prints an access token that is good now, and nothing else. Renews it where that is needed; never starts a login.
Without ISSUER: the only login there is.`,
  run: async (args, context) => {
    const options = tokenOptions(args)
    const fresh = await freshToken(options, context, 'auth token')
    context.io.out(options.json ? jsonText(tokenJson(fresh)) : `${fresh.token.accessToken}\n`)
    return exitCode.done
  },
}
