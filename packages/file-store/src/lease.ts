import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import type { Lease, Login, StoredToken } from '@latchkey/core'
import { type AnswerFile, type ReservedAnswer, reserveAnswer } from './answer-file.ts'
import { type OwnFile, writeOwnFile } from './login-file.ts'
import { readUnderLock, type Site, type Snapshot, withLostAnswer } from './snapshot.ts'
import { writeError } from './store-error.ts'
import { tokenHash } from './token-hash.ts'

/** What one `change` has seen and done so far. */
export interface Work {
  /** Ends with the `change`. */
  live: boolean
  /** What it was called with: giving it back writes nothing. */
  readonly given: Login | undefined
  snapshot: Snapshot
  /** Refresh tokens it was given. */
  readonly tokensSeen: Set<string>
  /** Access tokens it was given: only another object is a new token. */
  readonly accessSeen: Set<StoredToken>
  /** The refresh token whose answer was handed over. */
  answered: string | undefined
  reserved: ReservedAnswer | undefined
  /** What it has begun to write; waited for before the lock goes, also when the change itself did not wait. */
  writing: Promise<unknown>
}

/** The start of a `change`. */
export function beginWork(snapshot: Snapshot): Work {
  const work: Work = {
    live: true,
    given: snapshot.login,
    snapshot,
    tokensSeen: new Set(),
    accessSeen: new Set(),
    answered: undefined,
    reserved: undefined,
    writing: Promise.resolve(),
  }
  remember(work, snapshot.login)
  return work
}

/** The end of a `change`, however it ended. */
export async function endWork(work: Work): Promise<void> {
  work.live = false
  await work.writing
  work.reserved?.close()
  work.reserved = undefined
}

/** Has the end of the change wait for it. Its error belongs to whoever asked for it. */
function writing<T>(work: Work, write: () => Promise<T>): Promise<T> {
  const done = write()
  work.writing = Promise.allSettled([work.writing, done])
  return done
}

function remember(work: Work, login: Login | undefined): void {
  if (login?.refreshToken !== undefined) work.tokensSeen.add(login.refreshToken)
  for (const token of Object.values(login?.tokens ?? {})) work.accessSeen.add(token)
}

/** A lease for a `change` that holds the lock of its login. */
export function leaseOf(site: Site, work: Work): Lease {
  return {
    async spend(refreshToken, variant) {
      assertLive(work)
      assertNothingUnfinished(work)
      assertWritable(site)
      return writing(work, async () => {
        await bringUp(site, work, refreshToken)
        return reserve(site, work, refreshToken, variant)
      })
    },
    async reread() {
      assertLive(work)
      work.snapshot = await readUnderLock(site)
      remember(work, work.snapshot.login)
      return work.snapshot.login
    },
  }
}

/** A lease for a person's login, which holds no lock yet: it may look, not spend. */
export function promptLease(site: Site, work: Work, read: () => Promise<Snapshot>): Lease {
  return {
    ...leaseOf(site, work),
    spend: () =>
      Promise.reject(new Error('An interactive update cannot spend a refresh token: it does not hold the lock.')),
    async reread() {
      assertLive(work)
      const { login } = await read()
      remember(work, login)
      return login
    },
  }
}

function assertLive(work: Work): void {
  if (!work.live) throw new Error('This lease has ended with its change: nothing was written.')
}

/** Whatever token is to be sent: the answer may hold the only copy of the next one. */
function assertNothingUnfinished({ snapshot, answered }: Work): void {
  if (answered === undefined && snapshot.login?.unfinished === undefined) return
  throw new Error(
    'An answer of the issuer is not finished yet: store it in an update of its own before spending again.',
  )
}

/** A refusal now costs nothing; after the token was sent it would cost the login. */
function assertWritable({ place, key }: Site): void {
  if (key.account !== undefined) return
  try {
    accessSync(dirname(place.file), constants.W_OK)
  } catch (error) {
    throw writeError(place.file, error)
  }
}

/** Before the answer file is used again, our own file is brought up to the token that is about to be spent. */
async function bringUp(site: Site, work: Work, refreshToken: string): Promise<void> {
  const { own, answer } = work.snapshot
  const settled = withLostAnswer(own, answer)
  if (settled === own && own.login?.refreshToken === refreshToken) return
  const login = own.login?.refreshToken === refreshToken ? own.login : { refreshToken, tokens: {} }
  const after: OwnFile = { ...settled, login }
  await writeOwnFile(site.files.own, own, after)
  work.snapshot = { ...work.snapshot, own: after }
}

async function reserve(
  { files, clock }: Site,
  work: Work,
  refreshToken: string,
  variant: string,
): Promise<(answer: string) => Promise<void>> {
  const id = process.getBuiltinModule('node:crypto').randomUUID()
  const header: AnswerFile = { id, at: clock.now(), spent: tokenHash(refreshToken), variant }
  work.reserved?.close()
  work.reserved = undefined
  const reserved = await reserveAnswer(files.answer, header)
  work.reserved = reserved
  work.snapshot = { ...work.snapshot, answer: header }
  return async (answer) => {
    assertLive(work)
    if (work.reserved !== reserved) throw new Error('Another refresh token has been spent since: nothing was written.')
    work.answered = refreshToken
    work.snapshot = { ...work.snapshot, answer: { ...header, answer } }
    await writing(work, () => reserved.write(answer))
  }
}
