import { readFileSync } from 'node:fs'
import type { Io } from './io.ts'
import { UsageError } from './usage-error.ts'

/**
 * A secret out of a file, or out of the whole of stdin for `-`.
 *
 * @param what it is, for messages: `client secret`
 * @throws UsageError for a file that cannot be read and for what cannot be a secret
 */
export async function secretIn(file: string, what: string, io: Io): Promise<string> {
  if (file !== '-') return checkedSecret(contents(file, what), what, file)
  if (await io.isTerminal(0)) throw new UsageError(`The ${what} would be shown while it is typed: pipe it in.`)
  return checkedSecret((await io.readInput({ line: false, signal: io.interruption() })) ?? '', what, 'Stdin')
}

function contents(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`The ${what} could not be read from ${file}: ${String((error as { code?: unknown }).code)}.`)
  }
}

/**
 * Editors end a file with a newline and some begin it with a byte order mark; neither is part of a secret.
 *
 * @throws UsageError for nothing, several lines and control characters
 */
export function checkedSecret(text: string, what: string, where: string): string {
  const secret = text.replace(/^\ufeff/, '').replace(/\r?\n$/, '')
  if (secret === '') throw new UsageError(`${where} holds no ${what}.`)
  if (/[\u0000-\u001f\u007f]/.test(secret))
    throw new UsageError(`${where} holds more than one line, or control characters: no ${what}.`)
  return secret
}
