import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Login, type LoginKey, loginKey } from '@latchkey/core'
import { type FileStore, fileStore } from '@latchkey/file-store'
import { wall } from './measure.ts'
import { row, title } from './print.ts'

const times = 60

/** ms; stated for one login on a local disk. */
const goals = { rotation: 1.5, access: 0.5, nothing: 0.1 }

const keyAt = (index: number): LoginKey => loginKey({ issuer: `https://iam-${index}.example.org`, clientId: 'script' })

function answer(index: number): string {
  return JSON.stringify({
    access_token: `at-${index}`,
    token_type: 'Bearer',
    refresh_token: `rt-${index}`,
    expires_in: 300,
  })
}

/** A renewal as the session makes it: spend, hand over, store. */
async function rotate(store: FileStore, key: LoginKey, index: number): Promise<void> {
  await store.update(key, async (current, lease) => {
    const answered = await lease.spend(current?.refreshToken ?? '', '')
    await answered(answer(index))
    return { refreshToken: `rt-${index}`, tokens: { '': accessToken(index) } }
  })
}

const accessToken = (index: number): Login['tokens'][string] => ({
  accessToken: `at-${index}`,
  tokenType: 'Bearer',
  receivedAt: Date.now(),
  expiresAt: Date.now() + 300_000,
  order: 0,
})

function filled(path: string, logins: number): FileStore {
  // One write for all: the file as Python would leave it.
  const entries = Array.from({ length: logins }, (_, index) => [
    keyAt(index).issuer,
    { script: { date: '2026-01-01T00:00:00Z', refresh_token: `rt-${'x'.repeat(700)}-${index}` } },
  ])
  writeFileSync(path, JSON.stringify(Object.fromEntries(entries), null, 2), { mode: 0o600 })
  return fileStore({ path })
}

async function measured(logins: number): Promise<void> {
  const directory = mkdtempSync(join(process.env['LATCHKEY_BENCH_DIRECTORY'] ?? tmpdir(), 'latchkey-bench-'))
  try {
    const store = filled(join(directory, 'refresh-tokens.json'), logins)
    const key = keyAt(0)
    const count = logins > 1000 ? 15 : times
    await rotate(store, key, -1)
    const rotation = await wall(count, (index) => rotate(store, key, index))
    const access = await wall(count, async (index) => {
      await store.update(key, async (current) => ({ ...current, tokens: { '': accessToken(index) } }))
    })
    const nothing = await wall(count, async () => {
      await store.update(key, async (current) => current)
    })
    const get = await wall(count, async () => {
      await store.get(key)
    })
    const goal = (ms: number, limit: number): { text: string; met: boolean } | undefined =>
      logins === 1 ? { text: `≤ ${limit} ms`, met: ms <= limit } : undefined
    const shown = (ms: number): string => `${ms.toFixed(2)} ms`
    row(`${logins} logins: rotation`, shown(rotation), goal(rotation, goals.rotation))
    row(`${logins} logins: access token alone`, shown(access), goal(access, goals.access))
    row(`${logins} logins: update with nothing to write`, shown(nothing), goal(nothing, goals.nothing))
    row(`${logins} logins: get`, shown(get))
    await store.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** What this disk takes for the five syncs that a rotation needs: answer reserved, answer, shared file, its directory, ours. */
async function floor(): Promise<void> {
  const directory = mkdtempSync(join(process.env['LATCHKEY_BENCH_DIRECTORY'] ?? tmpdir(), 'latchkey-bench-'))
  const sync = (name: string): void => {
    const descriptor = openSync(join(directory, name), 'w')
    writeSync(descriptor, 'x'.repeat(1000))
    fsyncSync(descriptor)
    closeSync(descriptor)
  }
  const took = await wall(times, () => {
    for (const name of ['a', 'b', 'c', 'd']) sync(name)
    const descriptor = openSync(directory, 'r')
    fsyncSync(descriptor)
    closeSync(descriptor)
  })
  row('five bare syncs of 1 kB, the least that a rotation needs', `${took.toFixed(2)} ms`)
  rmSync(directory, { recursive: true })
}

/** What the file store costs. */
export async function store(): Promise<void> {
  title('File store (wall ms, median; fsync of this disk included)')
  await floor()
  for (const logins of [1, 100, 10_000]) await measured(logins)
}
