import type { LoginKey, TokenStore } from '@latchkey/core'
import type { StoredBackend } from '@latchkey/openeo/known-backends'
import { isSameIssuer, type Target } from './target.ts'

/** What a person said about the login they mean. */
export interface Wanted {
  readonly target?: Target | undefined
  readonly clientId?: string | undefined
  readonly account?: string | undefined
  /** The openEO back-end that the target was typed as. */
  readonly backend?: StoredBackend | undefined
}

/**
 * The one stored login that is meant.
 *
 * @param command what was run, for messages: `auth token`
 * @throws `LOGIN_REQUIRED` when there is none, with the near ones and the command to run; UsageError when several fit
 */
export async function storedLogin(wanted: Wanted, store: TokenStore, command: string): Promise<LoginKey> {
  const all = await allLogins(store)
  const fitting = all.filter((key) => fits(key, wanted))
  const [only, ...others] = preferred(fitting, wanted)
  if (only !== undefined && others.length === 0) return only
  const { ambiguous, missing } = await import('./login-miss.ts')
  throw only === undefined ? missing(wanted, all) : ambiguous([only, ...others], wanted, command)
}

/** Every login there is. */
export async function allLogins(store: TokenStore): Promise<readonly LoginKey[]> {
  const all: LoginKey[] = []
  for await (const key of store.keys()) all.push(key)
  return all
}

/** Whether a login is among those that may be meant. */
export function fits(key: LoginKey, { target, clientId, account }: Wanted): boolean {
  if (target !== undefined && !isSameIssuer(key.issuer, target)) return false
  return (clientId === undefined || key.clientId === clientId) && (account === undefined || key.account === account)
}

/** A name stands for its client, an exact address for itself, and no account for the default one, where these exist. */
function preferred(keys: readonly LoginKey[], { target, clientId, account }: Wanted): readonly LoginKey[] {
  const narrowed = (list: readonly LoginKey[], test: (key: LoginKey) => boolean): readonly LoginKey[] => {
    const some = list.filter(test)
    return list.length > 1 && some.length > 0 ? some : list
  }
  if (target === undefined) return keys
  let left = narrowed(keys, (key) => key.issuer === target.issuer)
  if (clientId === undefined && target.clientId !== undefined)
    left = narrowed(left, (key) => key.clientId === target.clientId)
  const oneClient = new Set(left.map((key) => key.clientId)).size === 1
  return account === undefined && oneClient ? narrowed(left, (key) => key.account === undefined) : left
}
