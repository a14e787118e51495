import type { LoginKey } from '@latchkey/core'
import { authConfig } from '@latchkey/file-store'
import { issuerTable, type KnownIssuer } from '@latchkey/login/issuers'
import { checkedSecret, secretIn } from './given-secret.ts'
import type { Io } from './io.ts'
import { registrations } from './login/registrations.ts'
import { canonicalIssuer } from './target.ts'

/**
 * The secret of a confidential client: from the file that was named, from `auth-config.json`, from its registration, or
 * from `LATCHKEY_CLIENT_SECRET`, which with `LATCHKEY_CLIENT_ID` is that client's alone; else the one that was published
 * with it. `undefined`: the client is public.
 *
 * @throws UsageError for a secret that cannot be one, `STORE_UNREADABLE`, `STORE_PERMISSIONS`
 */
export async function clientSecret(key: LoginKey, file: string | undefined, io: Io): Promise<string | undefined> {
  if (file !== undefined) return secretIn(file, 'client secret', io)
  const configured = await authConfig({ env: io.env }).clientSecret(key.issuer, key.clientId)
  if (configured !== undefined) return configured
  const own = await registrations({ env: io.env }).get(key.issuer)
  if (own?.clientId === key.clientId) return own.clientSecret
  return environmentSecret(key, io) ?? publishedSecret(key, io)
}

/** The rows that a client of an issuer is in; a kind of server has its client everywhere. */
function rowsOf({ issuer, clientId }: LoginKey, { env }: Io): readonly KnownIssuer[] {
  const same = (row: KnownIssuer): boolean =>
    row.issuer === undefined || canonicalIssuer(row.issuer) === canonicalIssuer(issuer)
  return issuerTable({ env }).filter((row) => row.clientId === clientId && same(row))
}

/** A client that everybody may use has a secret that everybody knows, if any. */
function publishedSecret(key: LoginKey, io: Io): string | undefined {
  return rowsOf(key, io).find(({ clientSecret }) => clientSecret !== undefined)?.clientSecret
}

/**
 * `LATCHKEY_CLIENT_SECRET`, where it is meant for this client.
 *
 * @throws UsageError for a secret that cannot be one
 */
export function environmentSecret(key: LoginKey, io: Io): string | undefined {
  const given = io.env['LATCHKEY_CLIENT_SECRET']
  if (given === undefined || given === '' || !isMeantFor(key, io)) return undefined
  return checkedSecret(given, 'client secret', 'LATCHKEY_CLIENT_SECRET')
}

/** A secret goes to one issuer only: not to that of another client, nor to one whose client everybody may use. */
function isMeantFor(key: LoginKey, io: Io): boolean {
  const owner = io.env['LATCHKEY_CLIENT_ID']
  if (owner !== undefined && owner !== '') return owner === key.clientId
  return rowsOf(key, io).length === 0
}
