import { AuthError, type LoginKey, type Token } from '@latchkey/core'
import type { StoredBackend } from '@latchkey/openeo/known-backends'
import type { Arguments, Flags } from './args.ts'
import { cachedToken } from './cached-token.ts'
import type { Context } from './command.ts'
import { secondsOption } from './duration.ts'
import { json, loginFlags, secretFile } from './flags.ts'
import type { Wanted } from './stored-login.ts'
import { wantedAt } from './wanted.ts'

type OidcBackend = Extract<StoredBackend, { readonly method: 'oidc' }>

/** What a token is asked for with. */
export interface TokenOptions {
  readonly wanted: Wanted
  /** Milliseconds the token must still live. */
  readonly minValid: number
  readonly secretFile: string | undefined
  readonly json: boolean
}

/** A token that is good now. */
export interface FreshToken {
  readonly token: Token
  /** What follows the token type in a header: the token, or what an openEO back-end makes of it. */
  readonly credentials: string
  /** Absent for a user and password. */
  readonly key?: LoginKey
}

export const tokenFlags: Flags = {
  ...loginFlags,
  'min-validity': { value: 'SECONDS', help: 'Renew a token that ends sooner.' },
  'client-secret-file': secretFile,
  json,
}

export async function tokenOptions(args: Arguments, context: Context): Promise<TokenOptions> {
  const minValid = secondsOption(args, 'min-validity') ?? 0
  return {
    wanted: await wantedAt(args, context),
    minValid,
    secretFile: args.values.get('client-secret-file'),
    json: args.switches.get('json') === true,
  }
}

/** A token that is good now: the stored one with nobody asked, or a new one. Never starts a login. */
export async function freshToken(options: TokenOptions, context: Context, command: string): Promise<FreshToken> {
  const { backend } = options.wanted
  if (backend?.method === 'basic') return (await import('./basic-token.ts')).basicToken(options, context)
  const found = await cachedToken(options.wanted, options.minValid, context.store(), command)
  const { key, token } =
    'token' in found ? found : await (await import('./renewed-token.ts')).renewedToken(found, options, context)
  return { key, token, credentials: backend === undefined ? token.accessToken : await formFor(backend, token) }
}

async function formFor({ providerId, bareJwt }: OidcBackend, token: Token): Promise<string> {
  const { headerForm } = await import('@latchkey/openeo/known-backends')
  return headerForm(`oidc/${providerId}`, bareJwt)(token)
}

/**
 * Refuses a token that is of no use by itself.
 *
 * @param what it would be used as, for the message: `a header`
 * @throws `UNSUPPORTED` for a token bound to a key that is not handed out with it (RFC 9449)
 */
export function assertUsableAlone({ key, token }: Pick<FreshToken, 'key' | 'token'>, what: string): void {
  if (token.tokenType !== 'DPoP') return
  const text = `The tokens of ${key?.issuer} are bound to a key (DPoP), and ${what} alone does not carry that`
  throw new AuthError('UNSUPPORTED', `${text}: use the program that made the login, or log in anew with auth login.`)
}
