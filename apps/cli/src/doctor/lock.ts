import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isAuthError, type LoginKey } from '@latchkey/core'
import { refreshTokensFile } from '@latchkey/file-store'
import type { Context } from '../command.ts'
import { described } from '../login-words.ts'
import { type Check, type Finding, fail, ok, warn } from './finding.ts'

/** A renewal holds its lock for seconds. */
const waitMs = 500

/** What came of taking a login's lock: nothing is written under it. */
export interface Try {
  readonly key: LoginKey
  readonly failure?: { readonly code: string; readonly message: string } | undefined
}

async function tried(key: LoginKey, context: Context): Promise<Try> {
  try {
    await context.store().update(key, async (current) => current, { waitMs })
    return { key }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return { key, failure: error }
  }
}

/** The process ids that hold a lock on one of these inodes, from Linux's `/proc/locks`. */
export function holders(locks: string, inodes: ReadonlySet<number>): readonly number[] {
  const found = locks.split('\n').flatMap((line) => {
    const [, pid, inode] = /\sPOSIX\s.*\sWRITE\s+(\d+)\s+[\da-f]+:[\da-f]+:(\d+)\s/.exec(line) ?? []
    return pid !== undefined && inodes.has(Number(inode)) ? [Number(pid)] : []
  })
  return [...new Set(found)]
}

function nowHolding(directory: string): readonly number[] {
  try {
    const files = readdirSync(directory).filter((name) => name.endsWith('.lock'))
    const inodes = files.map((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.ino ?? -1)
    return holders(readFileSync('/proc/locks', 'utf8'), new Set(inodes))
  } catch {
    return []
  }
}

/** Judges one login's lock. */
export function lockFinding({ key, failure }: Try, held: readonly number[]): Finding | undefined {
  if (failure === undefined) return undefined
  if (failure.code !== 'STORE_LOCKED') return fail('lock', failure.message, 'see the message')
  const who = held.length === 0 ? 'Another process' : `Process ${held.join(', ')}`
  const text = `${who} holds the lock of the login of ${described(key)}: a renewal, most likely.`
  return warn(
    'lock',
    text,
    `wait a minute; if it stays: ${held.length === 0 ? 'fuser -v …/latchkey/*.lock' : `ps ${held.join(' ')}`}`,
  )
}

export const lockCheck: Check = async ({ context, keys }) => {
  if (keys.length === 0) return []
  const directory = join(dirname(refreshTokensFile({ env: context.io.env }).path), 'latchkey')
  // Looking must not make a directory.
  if (!existsSync(directory)) return []
  const tries = await Promise.all(keys.map((key) => tried(key, context)))
  const held = tries.every(({ failure }) => failure === undefined) ? [] : nowHolding(directory)
  const found = tries.map((one) => lockFinding(one, held)).filter((finding) => finding !== undefined)
  return found.length > 0
    ? found
    : [ok('lock', keys.length === 1 ? 'the login can be changed' : `each of ${keys.length} logins can be changed`)]
}
