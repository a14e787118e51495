import type { Token } from '@latchkey/core'
import { systemClock } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import type { Command, Context } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { assertUsableAlone, type FreshToken, freshToken, tokenFlags, tokenOptions } from '../fresh-token.ts'
import type { LoginIdToken } from '../id-token.ts'
import { jsonText } from '../json-text.ts'
import { narrowed, narrowFlags } from '../narrowing.ts'
import { UsageError } from '../usage-error.ts'

function tokenJson({ key, token }: Pick<FreshToken, 'key' | 'token'>): object {
  return {
    ...(key !== undefined && { issuer: key.issuer, client_id: key.clientId }),
    ...(key?.account !== undefined && { account: key.account }),
    access_token: token.accessToken,
    token_type: token.tokenType,
    ...expiry(token),
    ...(token.scope !== undefined && { scope: token.scope }),
  }
}

function idTokenJson({ key, text, expiresAt }: LoginIdToken): object {
  const { issuer, clientId, account } = key
  return {
    issuer,
    client_id: clientId,
    ...(account !== undefined && { account }),
    id_token: text,
    ...expiry({ expiresAt }),
  }
}

function expiry({ expiresAt }: Pick<Token, 'expiresAt'>): object {
  if (expiresAt === undefined) return {}
  const left = Math.floor((expiresAt - systemClock.now()) / 1000)
  return { expires_at: new Date(expiresAt).toISOString(), expires_in: left }
}

/** The ID token, or an access token for a part of the login: what the quick way knows nothing of. */
async function other(args: Arguments, context: Context): Promise<string | undefined> {
  const options = await tokenOptions(args, context)
  const request = narrowed(args)
  if (args.switches.get('id-token')) {
    if (request !== undefined) throw new UsageError('An ID token has no --scope and no --audience.')
    const found = await (await import('../id-token.ts')).idToken(options, context, 'auth token')
    return options.json ? jsonText(idTokenJson(found)) : `${found.text}\n`
  }
  if (request === undefined) return undefined
  const found = await (await import('../narrowed-token.ts')).narrowedToken(options, request, context, 'auth token')
  assertUsableAlone(found, 'a token')
  return options.json ? jsonText(tokenJson(found)) : `${found.token.accessToken}\n`
}

export const token: Command = {
  usage: '[ISSUER|NAME|BACKEND]',
  operands: ['ISSUER'],
  flags: {
    ...tokenFlags,
    ...narrowFlags,
    'id-token': { help: 'The ID token, which says who logged in.' },
  },
  about: `Prints an access token that is good now, and nothing else. Renews it where that is needed; never starts a login.
BACKEND is an openEO back-end that auth oidc-auth or auth add-basic was run for. Without ISSUER: the only login there is.`,
  examples: '  TOKEN=$(auth token cdse --min-validity 600)',
  run: async (args, context) => {
    const found = await other(args, context)
    if (found !== undefined) context.io.out(found)
    else {
      const options = await tokenOptions(args, context)
      const fresh = await freshToken(options, context, 'auth token')
      assertUsableAlone(fresh, 'a token')
      context.io.out(options.json ? jsonText(tokenJson(fresh)) : `${fresh.token.accessToken}\n`)
    }
    return exitCode.done
  },
}
