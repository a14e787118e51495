import { rmSync } from 'node:fs'
import type { Clock, Login, LoginKey } from '@latchkey/core'
import { type AnswerFile, readAnswerFile, refreshTokenIn } from './answer-file.ts'
import { type OwnFile, readOwnFile, withSpent, writeOwnFile } from './login-file.ts'
import type { KeyFiles, Place } from './place.ts'
import { type Look, look, type PrivateFile, settled } from './private-file.ts'
import { parseForLookup, storedToken, type TokenDocument } from './refresh-tokens.ts'
import { writeError } from './store-error.ts'
import { tokenHash } from './token-hash.ts'

/** Where one login is kept. */
export interface Site {
  readonly place: Place
  readonly files: KeyFiles
  readonly key: LoginKey
  readonly clock: Clock
}

/** All files of one login, read at one time. */
export interface Snapshot {
  /** The refresh token in the shared file; a named account has none there. */
  readonly entry: string | undefined
  readonly own: OwnFile
  readonly answer: AnswerFile | undefined
  /** What the files mean together. */
  readonly login: Login | undefined
}

const lookup = (path: string): Look<TokenDocument> => look(path, parseForLookup)

/** The login that the shared entry and our own file make together, but for an unfinished answer. */
function loginOf(key: LoginKey, entry: string | undefined, own: OwnFile): Login | undefined {
  if (key.account !== undefined) return own.login
  const mine = own.login?.refreshToken
  if (entry === undefined) return mine === undefined ? own.login : undefined
  if (mine === entry) return own.login
  // A writer without a lock has put back a token that was spent: the current one stands in our file.
  if (mine !== undefined && own.spent.length > 0 && own.spent.includes(tokenHash(entry))) return own.login
  return { refreshToken: entry, tokens: {} }
}

/** Whether this answer came whole, was never made part of the login, and is for this refresh token. */
function isUnfinished(answer: AnswerFile | undefined, own: OwnFile, refreshToken: string | undefined): boolean {
  if (refreshToken === undefined || answer?.answer === undefined || answer.id === own.finished) return false
  return answer.spent === tokenHash(refreshToken)
}

/** An answer that will never be finished, because its login is gone: the token it replaced joins the spent ones. */
export function withLostAnswer(own: OwnFile, answer: AnswerFile | undefined): OwnFile {
  if (answer?.answer === undefined || answer.id === own.finished) return own
  const brought = refreshTokenIn(answer.answer)
  const replaced = brought !== undefined && tokenHash(brought) !== answer.spent
  return { ...own, spent: replaced ? withSpent(own.spent, answer.spent) : own.spent, finished: answer.id }
}

function snapshotOf(site: Site, file: PrivateFile<TokenDocument> | undefined): Snapshot {
  const { key, files } = site
  const entry = entryOf(key, file)
  const own = readOwnFile(files.own, key)
  const answer = readAnswerFile(files.answer)
  const login = loginOf(key, entry, own)
  if (login === undefined || answer?.answer === undefined || !isUnfinished(answer, own, login.refreshToken)) {
    return { entry, own, answer, login }
  }
  const unfinished = { receivedAt: answer.at, variant: answer.variant, answer: answer.answer }
  return { entry, own, answer, login: { ...login, unfinished } }
}

/**
 * Reads the login, waiting out a shared file that another writer has truncated.
 *
 * @throws `STORE_UNREADABLE`, `STORE_PERMISSIONS`
 */
export async function readSnapshot(site: Site): Promise<Snapshot> {
  if (site.key.account !== undefined) return snapshotOf(site, undefined)
  return snapshotOf(site, await settled(() => lookup(site.place.file)))
}

/** The refresh token that stands in the shared file. */
export async function readEntry(path: string, key: LoginKey): Promise<string | undefined> {
  return storedToken((await settled(() => lookup(path)))?.value, key)
}

/** The same as a snapshot in one look, or `undefined` when that was not enough. */
export function glance(site: Site): Snapshot | undefined {
  const seen = lookAtShared(site)
  return seen && snapshotOf(site, seen.file)
}

/** The login in one look and no more reading than it takes: an unfinished answer is not looked for. */
export function glanceAtLogin(site: Site): Login | undefined {
  const seen = lookAtShared(site)
  return seen && loginOf(site.key, entryOf(site.key, seen.file), readOwnFile(site.files.own, site.key))
}

function lookAtShared({ place, key }: Site): { readonly file: PrivateFile<TokenDocument> | undefined } | undefined {
  if (key.account !== undefined) return { file: undefined }
  const seen = lookup(place.file)
  if (seen.state === 'absent') return { file: undefined }
  return seen.state === 'read' ? { file: seen.file } : undefined
}

function entryOf(key: LoginKey, file: PrivateFile<TokenDocument> | undefined): string | undefined {
  return key.account === undefined ? storedToken(file?.value, key) : undefined
}

/** Whether the shared entry is gone while we still hold what belonged to it. */
export function isOrphaned({ entry, own }: Snapshot): boolean {
  return entry === undefined && own.key.account === undefined && own.login?.refreshToken !== undefined
}

/**
 * Empties our own files, under the lock of their login. The spent list goes too: what was spent before a logout that
 * we saw heals nothing afterwards. The order stays, so that a later token is never taken for an earlier one.
 */
export async function forget({ files }: Site, own: OwnFile): Promise<OwnFile> {
  const emptied: OwnFile = { key: own.key, spent: [], finished: own.finished, order: own.order }
  await writeOwnFile(files.own, own, emptied)
  try {
    rmSync(files.answer, { force: true })
  } catch (error) {
    throw writeError(files.answer, error)
  }
  return emptied
}

/** Reads the login under its lock; where a logout elsewhere left our files behind, they are emptied first. */
export async function readUnderLock(site: Site): Promise<Snapshot> {
  const snapshot = await readSnapshot(site)
  if (!isOrphaned(snapshot)) return snapshot
  const own = await forget(site, snapshot.own)
  return { entry: undefined, own, answer: undefined, login: undefined }
}
