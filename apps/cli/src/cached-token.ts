import { isFresh, type LoginKey, systemClock, type Token } from '@latchkey/core'
import type { FileStore } from '@latchkey/file-store'
import { storedLogin, type Wanted } from './stored-login.ts'

/** A token, and the login it belongs to. */
export interface LoginToken {
  readonly key: LoginKey
  readonly token: Token
}

/** Which login is meant, and the token that is stored for it, if that is good now. Loads nothing and asks nobody. */
export async function cachedToken(
  wanted: Wanted,
  minValid: number,
  store: FileStore,
  command: string,
): Promise<LoginToken | LoginKey> {
  const stated = statedKey(wanted)
  const found = stated && peeked(stated, minValid, store)
  if (found !== undefined) return found
  const key = await storedLogin(wanted, store, command)
  return peeked(key, minValid, store) ?? key
}

/** The key, where the command line says all of it. */
function statedKey({ target, clientId = target?.clientId, account }: Wanted): LoginKey | undefined {
  if (target === undefined || clientId === undefined) return undefined
  return { issuer: target.issuer, clientId, ...(account !== undefined && { account }) }
}

function peeked(key: LoginKey, minValid: number, store: FileStore): LoginToken | undefined {
  const token = store.peek(key)?.tokens['']
  return token !== undefined && isFresh(token, systemClock, minValid) ? { key, token } : undefined
}
