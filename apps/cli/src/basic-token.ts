import type { Authentication } from '@latchkey/openeo'
import type { Context } from './command.ts'
import type { FreshToken, TokenOptions } from './fresh-token.ts'
import { connected } from './openeo.ts'
import type { Wanted } from './stored-login.ts'

/** The user and password that `auth-config.json` has for a back-end, as a source of its tokens. */
export async function basicLogin(
  { target }: Wanted,
  signal: AbortSignal | undefined,
  context: Context,
): Promise<Authentication> {
  const there = await connected(target?.typed ?? '', context)
  return there.authenticate({ method: 'basic', signal })
}

/** A token that a back-end gives for the user and password in `auth-config.json`: anew each time, since nothing says how long it lives. */
export async function basicToken({ wanted }: TokenOptions, context: Context): Promise<FreshToken> {
  const signal = context.io.interruption()
  const { source, format } = await basicLogin(wanted, signal, context)
  const token = await source.getToken({ signal })
  return { token, credentials: format(token) }
}
