import type { Arguments, Flags } from './args.ts'
import { cachedToken, type LoginToken } from './cached-token.ts'
import type { Context } from './command.ts'
import { secondsOption } from './duration.ts'
import { json, loginFlags, secretFile } from './flags.ts'
import type { Wanted } from './stored-login.ts'
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

/** A token that is good now: the stored one with nothing loaded and nobody asked, or a new one. Never starts a login. */
export async function freshToken(options: TokenOptions, context: Context, command: string): Promise<LoginToken> {
  const found = await cachedToken(options.wanted, options.minValid, context.store(), command)
  if ('token' in found) return found
  return (await import('./renewed-token.ts')).renewedToken(found, options, context)
}
