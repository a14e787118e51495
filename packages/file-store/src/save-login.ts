import type { Login, StoredToken } from '@latchkey/core'
import type { Work } from './lease.ts'
import { type OwnFile, usableToken, withSpent, writeOwnFile } from './login-file.ts'
import { pythonDate, removeStoredToken, setStoredToken, storedToken } from './refresh-tokens.ts'
import { editFile } from './replace-file.ts'
import { forget, readEntry, readSnapshot, readUnderLock, type Site } from './snapshot.ts'
import { tokenHash } from './token-hash.ts'

/** What became of the entry in the shared file: ours, nobody's (someone logged out), or another's (someone logged in anew). */
type Entry = { readonly is: 'ours' } | { readonly is: 'gone' } | { readonly is: 'foreign'; readonly token: string }

/** The lock of the merge into the shared file. */
export const fileLock = 'file.lock'

/** Removes a login with everything kept for it: our own files first, the shared entry last. */
export async function removeLogin(site: Site, work: Work): Promise<Login | undefined> {
  const { own } = work.snapshot
  const known = (token: string): boolean => work.tokensSeen.has(token) || own.spent.includes(tokenHash(token))
  await forget(site, own)
  if (site.key.account !== undefined) return undefined
  await editFile(site.place, fileLock, (document) => {
    const token = storedToken(document, site.key)
    if (token === undefined || !known(token)) return false
    removeStoredToken(document, site.key)
    return true
  })
  return (await readSnapshot(site)).login
}

/** Stores what a `change` gave; resolves with the login as it then stands. */
export async function saveLogin(site: Site, work: Work, next: Login): Promise<Login | undefined> {
  const { own, answer, login: current } = work.snapshot
  const finishes = current?.unfinished !== undefined && next.unfinished === undefined
  const sent = work.answered ?? (finishes ? current.refreshToken : undefined)
  const replaced = sent !== undefined && next.refreshToken !== sent
  const spent = replaced ? withSpent(own.spent, tokenHash(sent)) : own.spent
  const finished = sent !== undefined && next.unfinished === undefined ? answer?.id : own.finished
  const after = { ...ordered(site, work, next), spent, finished }
  const entry = await settleEntry(site, work, next, { sent, spent })
  if (entry.is === 'gone') {
    await forget(site, own)
    return undefined
  }
  if (entry.is === 'foreign')
    return adoptForeign(site, own, { ...after, login: { refreshToken: entry.token, tokens: {} } })
  await writeOwnFile(site.files.own, own, after)
  return next.unfinished === undefined ? after.login : { ...after.login, unfinished: next.unfinished }
}

/** Someone else's login stands: theirs it is, but which of ours was spent, and which answer is done with, is kept. */
async function adoptForeign(site: Site, own: OwnFile, after: OwnFile): Promise<Login | undefined> {
  const learned = after.spent !== own.spent || after.finished !== own.finished
  if (learned) await writeOwnFile(site.files.own, own, { ...after, order: own.order })
  return (await readUnderLock(site)).login
}

/** Our own file for what a `change` gave: each new token gets its order. */
function ordered({ key, clock }: Site, work: Work, next: Login): OwnFile & { readonly login: Login } {
  let { order } = work.snapshot.own
  const tokens: [string, StoredToken][] = []
  for (const [variant, token] of Object.entries(next.tokens)) {
    const known = work.accessSeen.has(token)
    if (!known) order = Math.max(clock.now(), order + 1)
    const stored = known ? token : usableToken({ ...token, order })
    if (stored !== undefined) tokens.push([variant, stored])
  }
  const { unfinished: _, ...login } = next
  return { key, spent: [], order, login: { ...login, tokens: Object.fromEntries(tokens) } }
}

/** Brings the shared file in line, if it may be. A quick look first: mostly there is nothing to write. */
async function settleEntry(
  { place, key, clock }: Site,
  work: Work,
  next: Login,
  { sent, spent }: { readonly sent: string | undefined; readonly spent: readonly string[] },
): Promise<Entry> {
  if (key.account !== undefined) return { is: 'ours' }
  const { refreshToken } = next
  const persons = sent === undefined && refreshToken !== undefined && !work.tokensSeen.has(refreshToken)
  const judge = (standing: string | undefined): Entry | 'write' => {
    if (standing === refreshToken) return { is: 'ours' }
    if (persons) return 'write'
    if (standing === undefined) return { is: 'gone' }
    const dropped = refreshToken === undefined && work.tokensSeen.has(standing)
    // An ancestor, the token just spent included: whoever wrote it knew less than we do.
    return dropped || spent.includes(tokenHash(standing)) ? 'write' : { is: 'foreign', token: standing }
  }
  const quick = judge(await readEntry(place.file, key))
  if (quick !== 'write') return quick
  let entry: Entry = { is: 'ours' }
  await editFile(place, fileLock, (document) => {
    const verdict = judge(storedToken(document, key))
    entry = verdict === 'write' ? { is: 'ours' } : verdict
    if (verdict !== 'write') return false
    if (refreshToken === undefined) removeStoredToken(document, key)
    else setStoredToken(document, key, refreshToken, pythonDate(clock))
    return true
  })
  return entry
}
