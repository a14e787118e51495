import { readFileSync } from 'node:fs'
import type { LoginKey } from '@latchkey/core'
import { authConfig } from '@latchkey/file-store'
import type { Io } from './io.ts'
import { knownIssuers } from './issuers.ts'
import { canonicalIssuer } from './target.ts'
import { UsageError } from './usage-error.ts'

/**
 * The secret of a confidential client: from the file that was named, from `auth-config.json`, or from
 * `LATCHKEY_CLIENT_SECRET`. `undefined`: the client is public.
 *
 * @throws UsageError for a secret that cannot be one, `STORE_UNREADABLE`, `STORE_PERMISSIONS`
 */
export async function clientSecret(key: LoginKey, file: string | undefined, io: Io): Promise<string | undefined> {
  if (file !== undefined) return secretIn(file, io)
  const configured = await authConfig({ env: io.env }).clientSecret(key.issuer, key.clientId)
  if (configured !== undefined) return configured
  const given = io.env['LATCHKEY_CLIENT_SECRET']
  // A client that everybody may use has none: a secret in the environment is meant for another.
  return given === undefined || given === '' || isPublic(key) ? undefined : checked(given, 'LATCHKEY_CLIENT_SECRET')
}

function isPublic({ issuer, clientId }: LoginKey): boolean {
  return knownIssuers.some(
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
