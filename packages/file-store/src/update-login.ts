import type { Lease, Login, UpdateOptions } from '@latchkey/core'
import { beginWork, endWork, leaseOf, promptLease, type Work } from './lease.ts'
import { removeLogin, saveLogin } from './save-login.ts'
import { glance, readSnapshot, readUnderLock, type Site } from './snapshot.ts'
import { versionsOf } from './versions.ts'
import { waitForLock } from './wait.ts'

/** What an update does with a login. */
export type Change = (current: Login | undefined, lease: Lease) => Promise<Login | undefined>

const defaultWait = 40_000

/** One update: lock, read, run, write, unlock. */
export async function updateLogin(site: Site, change: Change, options: UpdateOptions = {}): Promise<Login | undefined> {
  if (options.interactive) return updateAfterPrompt(site, change, options)
  const held = await waitForLock(site.files.lock, {
    signal: options.signal,
    waitMs: options.waitMs ?? defaultWait,
    enough: enoughOf(site, options),
  })
  if (held === undefined) return (await readSnapshot(site)).login
  try {
    const work = beginWork(await readUnderLock(site))
    const next = await run(work, change, leaseOf(site, work))
    return await store(site, work, next)
  } finally {
    held.release()
  }
}

/** The same for a person, who may take minutes: others renew meanwhile, but nobody else prompts. */
async function updateAfterPrompt(site: Site, change: Change, options: UpdateOptions): Promise<Login | undefined> {
  const { signal } = options
  const prompt = await waitForLock(site.files.prompt, { signal, waitMs: Infinity, enough: enoughOf(site, options) })
  if (prompt === undefined) return (await readSnapshot(site)).login
  try {
    const work = beginWork(await readSnapshot(site))
    const next = await run(
      work,
      change,
      promptLease(site, work, () => readSnapshot(site)),
    )
    if (next === work.given) return (await readSnapshot(site)).login
    const held = await waitForLock(site.files.lock, { waitMs: options.waitMs ?? defaultWait })
    try {
      work.snapshot = await readUnderLock(site)
      return await (next === undefined ? removeLogin(site, work) : saveLogin(site, work, next))
    } finally {
      held?.release()
    }
  } finally {
    prompt.release()
  }
}

async function run(work: Work, change: Change, lease: Lease): Promise<Login | undefined> {
  try {
    return await change(work.given, lease)
  } finally {
    await endWork(work)
  }
}

function store(site: Site, work: Work, next: Login | undefined): Promise<Login | undefined> {
  if (next === work.given) return Promise.resolve(next)
  return next === undefined ? removeLogin(site, work) : saveLogin(site, work, next)
}

/** Asks `enough` between tries, but reads the files again only when they look changed. */
function enoughOf(site: Site, { enough }: UpdateOptions): (() => boolean) | undefined {
  if (enough === undefined) return undefined
  let seen: string | undefined
  return () => {
    const versions = versionsOf(site)
    if (versions === seen) return false
    const snapshot = glanceQuietly(site)
    if (snapshot === undefined) return false
    seen = versions
    return enough(snapshot.login)
  }
}

/** What cannot be read while waiting is read again, with its error, when the wait is over. */
function glanceQuietly(site: Site): ReturnType<typeof glance> {
  try {
    return glance(site)
  } catch {
    return undefined
  }
}
