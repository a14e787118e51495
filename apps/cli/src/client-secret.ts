import { readFileSync } from 'node:fs'
import type { LoginKey } from '@latchkey/core'
import { authConfig } from '@latchkey/file-store'
import type { Io } from './io.ts'
import { knownIssuers } from './issuers.ts'
import { canonicalIssuer } from './target.ts'
import { UsageError } from './usage-error.ts'

/**
 * The secret of a confidential client: from the file that was named, from `auth-config.json`, or from
 * `LATCHKEY_CLIENT_SECRET`, which with `LATCHKEY_CLIENT_ID` is that client's alone. `undefined`: the client is public.
 *
 * @throws UsageError for a secret that cannot be one, `STORE_UNREADABLE`, `STORE_PERMISSIONS`
 */
export async function clientSecret(key: LoginKey, file: string | undefined, io: Io): Promise<string | undefined> {
  if (file !== undefined) return secretIn(file, io)
  const configured = await authConfig({ env: io.env }).clientSecret(key.issuer, key.clientId)
  if (configured !== undefined) return configured
  const given = io.env['LATCHKEY_CLIENT_SECRET']
  return given !== undefined && given !== '' && isMeantFor(key, io)
    ? checked(given, 'LATCHKEY_CLIENT_SECRET')
    : undefined
}

/** A secret goes to one issuer only: not to that of another client, nor to one whose client everybody may use. */
function isMeantFor({ issuer, clientId }: LoginKey, { env }: Io): boolean {
  const owner = env['LATCHKEY_CLIENT_ID']
  if (owner !== undefined && owner !== '') return owner === clientId
  return !knownIssuers.some(
    (known) => known.clientId === clientId && canonicalIssuer(known.issuer) === canonicalIssuer(issuer),
  )
}

async function secretIn(file: string, io: Io): Promise<string> {
  const text = file === '-' ? await io.readInput({ line: false }) : contents(file)
  return checked(text ?? '', file === '-' ? 'Stdin' : file)
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(
      `The client secret could not be read from ${file}: ${String((error as { code?: unknown }).code)}.`,
    )
  }
}

/** Editors end a file with a newline and some begin it with a byte order mark; neither is part of a secret. */
function checked(text: string, where: string): string {
  const secret = text.replace(/^\ufeff/, '').replace(/\r?\n$/, '')
  if (secret === '') throw new UsageError(`${where} holds no client secret.`)
  if (/[\u0000-\u001f\u007f]/.test(secret))
    throw new UsageError(`${where} holds more than one line, or control characters: no client secret.`)
  return secret
}
