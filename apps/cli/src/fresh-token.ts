import { isFresh, type LoginKey, systemClock, type Token } from '@latchkey/core'
import type { Arguments, Flags } from './args.ts'
import type { Context } from './command.ts'
import { secondsOption } from './duration.ts'
import { json, loginFlags, secretFile } from './flags.ts'
import { storedLogin, type Wanted } from './stored-login.ts'
import { wantedLogin } from './wanted.ts'

/** What a token is asked for with. */
export interface TokenOptions {
  readonly wanted: Wanted
  /** Milliseconds the token must still live. */
  readonly minValid: number
  readonly secretFile: string | undefined
  readonly json: boolean
}

export const tokenFlags: Flags = {
  ...loginFlags,
  'min-valid': { value: 'SECONDS', help: 'Renew a token that does not live so long; default 0, on top of the margin.' },
  'client-secret-file': secretFile,
  json,
}

export function tokenOptions(args: Arguments): TokenOptions {
  return {
    wanted: wantedLogin(args),
    minValid: secondsOption(args, 'min-valid') ?? 0,
    secretFile: args.values.get('client-secret-file'),
    json: args.switches.get('json') === true,
  }
}

/** A token, and the login it belongs to. */
export interface FreshToken {
  readonly key: LoginKey
  readonly token: Token
}

/** A token that is good now: the stored one with nothing loaded and nobody asked, or a new one. Never starts a login. */
export async function freshToken(options: TokenOptions, context: Context, command: string): Promise<FreshToken> {
  const stated = statedKey(options.wanted)
  const found = stated && cached(stated, options, context)
  if (found !== undefined) return found
  const key = await storedLogin(options.wanted, context.store(), command)
  return cached(key, options, context) ?? (await import('./renewed-token.ts')).renewedToken(key, options, context)
}

/** The key, where the command line says all of it. */
function statedKey({ target, clientId = target?.clientId, account }: Wanted): LoginKey | undefined {
  if (target === undefined || clientId === undefined) return undefined
  return { issuer: target.issuer, clientId, ...(account !== undefined && { account }) }
}

function cached(key: LoginKey, { minValid }: TokenOptions, context: Context): FreshToken | undefined {
  const token = context.store().peek(key)?.tokens['']
  return token !== undefined && isFresh(token, systemClock, minValid) ? { key, token } : undefined
}
