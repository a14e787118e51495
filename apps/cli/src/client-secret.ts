import type { LoginKey } from '@latchkey/core'
import { authConfig } from '@latchkey/file-store'
import { type KnownIssuer, knownIssuers } from '@latchkey/login/issuers'
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
  return environmentSecret(key, io) ?? publishedSecret(key)
}

/** A client that programs of a server's makers share has a secret that everybody knows; every server of that kind has it. */
function publishedSecret({ clientId }: LoginKey): string | undefined {
  return knownIssuers.find((row) => row.clientId === clientId)?.clientSecret
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
function isMeantFor({ issuer, clientId }: LoginKey, { env }: Io): boolean {
  const owner = env['LATCHKEY_CLIENT_ID']
  if (owner !== undefined && owner !== '') return owner === clientId
  const isThere = (row: KnownIssuer): boolean =>
    row.issuer === undefined || canonicalIssuer(row.issuer) === canonicalIssuer(issuer)
  return !knownIssuers.some((known) => known.clientId === clientId && isThere(known))
}
