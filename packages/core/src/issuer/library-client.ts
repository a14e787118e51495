import type { Client as OAuthClient } from 'oauth4webapi'
import { oauth } from './oauth.ts'

/** Who signs or checks something, and when: epoch milliseconds by the issuer's clock. */
interface Who {
  readonly clientId: string
  readonly now: number
}

/** The client as oauth4webapi knows it, with the issuer's time in place of the machine's: an assertion lives for a minute of that. */
export async function libraryClient({ clientId, now }: Who): Promise<OAuthClient> {
  const { clockSkew } = await oauth()
  return { client_id: clientId, [clockSkew]: Math.round((now - Date.now()) / 1000) }
}
