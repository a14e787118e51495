import type { Context } from './command.ts'
import type { FreshToken, TokenOptions } from './fresh-token.ts'
import { connected } from './openeo.ts'

/** A token that a back-end gives for the user and password in `auth-config.json`: anew each time, since nothing says how long it lives. */
export async function basicToken({ wanted }: TokenOptions, context: Context): Promise<FreshToken> {
  const signal = context.io.interruption()
  const there = await connected(wanted.target?.typed ?? '', context)
  const { source, format } = await there.authenticate({ method: 'basic', signal })
  const token = await source.getToken({ signal })
  return { token, credentials: format(token) }
}
