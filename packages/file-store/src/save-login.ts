import type { Login, StoredToken } from '@latchkey/core'
import { refreshTokenIn } from './answer-file.ts'
import type { Work } from './lease.ts'
import { type OwnFile, usableToken, withSpent, writeOwnFile } from './login-file.ts'
import { pythonDate, removeStoredToken, setStoredToken, storedToken } from './refresh-tokens.ts'
import { editFile } from './replace-file.ts'
import { forget, readEntry, readSnapshot, readUnderLock, type Site, withLostAnswer } from './snapshot.ts'
import { tokenHash } from './token-hash.ts'

/** What became of the entry in the shared file: ours, nobody's (someone logged out), or another's (someone logged in anew). */
type Entry =
  | { readonly is: 'ours'; readonly written: boolean }
  | { readonly is: 'gone' }
  | { readonly is: 'foreign'; readonly token: string }

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
  const { own } = work.snapshot
  const sent = finishedToken(work, next)
  const after = { ...own, ...history(work, next, sent), ...ordered(site, work, next) }
  const entry = await settleEntry(site, work, next, { sent, spent: after.spent })
  if (entry.is === 'foreign') return adoptForeign(site, own, sent === undefined ? own : after, entry.token)
  if (entry.is === 'gone') {
    await forget(site, own)
    return undefined
  }
  // With the refresh token safe in the shared file, or the answer in its own, ours costs an extra refresh, nothing else.
  // But an answer of a process that died is finished only once ours says so.
  const spared = site.key.account === undefined && (entry.written || work.answered !== undefined)
  await writeOwnFile(site.files.own, own, after).catch((error: unknown) => {
    if (!spared) throw error
  })
  return next.unfinished === undefined ? after.login : { ...after.login, unfinished: next.unfinished }
}

/** The refresh token whose answer this update makes part of the login: its own, or that of a process that died. */
function finishedToken({ answered, snapshot }: Work, next: Login): string | undefined {
  const { answer, login: current } = snapshot
  if (answered !== undefined || current?.unfinished === undefined || next.unfinished !== undefined) return answered
  const finishes = next.refreshToken === current.refreshToken || next.refreshToken === refreshTokenIn(answer?.answer)
  // Otherwise a person logged in over it.
  return finishes ? current.refreshToken : undefined
}

/** Whether a person logged in: a refresh token that is new and came from no renewal stands over whatever is there. */
function isPersons(work: Work, { refreshToken }: Login, sent: string | undefined): boolean {
  return sent === undefined && refreshToken !== undefined && !work.tokensSeen.has(refreshToken)
}

/** What is to be remembered of spent tokens and of the last answer. */
function history(work: Work, next: Login, sent: string | undefined): Pick<OwnFile, 'spent' | 'finished'> {
  const { own, answer } = work.snapshot
  if (sent !== undefined) {
    const replaced = next.refreshToken !== sent
    const spent = replaced ? withSpent(own.spent, tokenHash(sent)) : own.spent
    return { spent, finished: next.unfinished === undefined ? answer?.id : own.finished }
  }
  const { spent, finished } = isPersons(work, next, sent) ? withLostAnswer(own, answer) : own
  return { spent, finished }
}

/** Someone else's login stands: theirs it is. Which token of ours our answer replaced, and that it is done with, is kept. */
async function adoptForeign(site: Site, own: OwnFile, after: OwnFile, token: string): Promise<Login | undefined> {
  if (after !== own) {
    const login = { refreshToken: token, tokens: {} }
    await writeOwnFile(site.files.own, own, { ...after, login, order: own.order })
  }
  return (await readUnderLock(site)).login
}

/** What a `change` gave, as it is kept: each new token gets its order. */
function ordered({ clock }: Site, work: Work, next: Login): { readonly order: number; readonly login: Login } {
  let { order } = work.snapshot.own
  const tokens: [string, StoredToken][] = []
  for (const [variant, token] of Object.entries(next.tokens)) {
    const known = work.accessSeen.has(token)
    if (!known) order = Math.max(clock.now(), order + 1)
    const stored = known ? token : usableToken({ ...token, order })
    if (stored !== undefined) tokens.push([variant, stored])
  }
  const { unfinished: _, ...login } = next
  return { order, login: { ...login, tokens: Object.fromEntries(tokens) } }
}

/** Brings the shared file in line, if it may be. A quick look first: mostly there is nothing to write. */
async function settleEntry(
  { place, key, clock }: Site,
  work: Work,
  next: Login,
  { sent, spent }: { readonly sent: string | undefined; readonly spent: readonly string[] },
): Promise<Entry> {
  if (key.account !== undefined) return { is: 'ours', written: false }
  const { refreshToken } = next
  const persons = isPersons(work, next, sent)
  const judge = (standing: string | undefined): Entry | 'write' => {
    if (standing === refreshToken) return { is: 'ours', written: false }
    if (persons) return 'write'
    if (standing === undefined) return { is: 'gone' }
    const dropped = refreshToken === undefined && work.tokensSeen.has(standing)
    // An ancestor, the token just spent included: whoever wrote it knew less than we do.
    return dropped || spent.includes(tokenHash(standing)) ? 'write' : { is: 'foreign', token: standing }
  }
  const quick = judge(await readEntry(place.file, key))
  if (quick !== 'write') return quick
  let entry: Entry = { is: 'ours', written: true }
  await editFile(place, fileLock, (document) => {
    const verdict = judge(storedToken(document, key))
    entry = verdict === 'write' ? { is: 'ours', written: true } : verdict
    if (verdict !== 'write') return false
    if (refreshToken === undefined) removeStoredToken(document, key)
    else setStoredToken(document, key, refreshToken, pythonDate(clock))
    return true
  })
  return entry
}
