import type { Token } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { type FreshToken, freshToken, tokenFlags, tokenOptions } from '../fresh-token.ts'
import { jsonText } from '../json-text.ts'

function tokenJson({ key, token }: FreshToken): object {
  return {
    ...(key !== undefined && { issuer: key.issuer, client_id: key.clientId }),
    ...(key?.account !== undefined && { account: key.account }),
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
  usage: '[ISSUER|NAME|BACKEND]',
  operands: ['ISSUER'],
  flags: tokenFlags,
  about: `Prints an access token that is good now, and nothing else. Renews it where that is needed; never starts a login.
BACKEND is an openEO back-end that auth oidc-auth or auth add-basic was run for. Without ISSUER: the only login there is.`,
  run: async (args, context) => {
    const options = await tokenOptions(args, context)
    const fresh = await freshToken(options, context, 'auth token')
    context.io.out(options.json ? jsonText(tokenJson(fresh)) : `${fresh.token.accessToken}\n`)
    return exitCode.done
  },
}
