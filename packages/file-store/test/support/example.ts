import { createHash } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lease, Login, LoginKey, StoredToken } from '@latchkey/core'
import type { FileStore } from '@latchkey/file-store'

/** The login that most tests speak of. */
export const key: LoginKey = { issuer: 'https://iam.example.org', clientId: 'a-script' }

/** An access token as a session hands it over. */
export const token = (accessToken: string): StoredToken => ({
  accessToken,
  tokenType: 'Bearer',
  receivedAt: Date.now(),
  order: 0,
})

/** A login with an access token that names its refresh token. */
export const login = (refreshToken: string): Login => ({
  refreshToken,
  tokens: { '': token(`access-of-${refreshToken}`) },
})

/** A change that rotates whatever is stored, as a renewal does. */
export const rotateTo =
  (next: string) =>
  async (current: Login | undefined, lease: Lease): Promise<Login> => {
    const answered = await lease.spend(current?.refreshToken ?? '', '')
    await answered(JSON.stringify({ refresh_token: next }))
    return login(next)
  }

/** A change that finishes the answer that another process left. */
export const finish = async (current: Login | undefined): Promise<Login | undefined> => {
  if (current?.unfinished === undefined) return current
  return login((JSON.parse(current.unfinished.answer) as { refresh_token: string }).refresh_token)
}

/** A process that dies with the answer on disk and nothing else done. */
export const dieAfterAnswer =
  (next: string) =>
  async (current: Login | undefined, lease: Lease): Promise<Login> => {
    await rotateTo(next)(current, lease)
    throw new Error('killed')
  }

/** Writes as the openEO client does: truncates and writes in place, knowing no lock. */
export function pythonWrites(path: string, content: Readonly<Record<string, Readonly<Record<string, string>>>>): void {
  const document = Object.entries(content).map(([issuer, clients]) => [
    issuer,
    Object.fromEntries(
      Object.entries(clients).map(([client, refresh_token]) => [
        client,
        { date: '2026-01-02T03:04:05Z', refresh_token },
      ]),
    ),
  ])
  writeFileSync(path, JSON.stringify(Object.fromEntries(document), null, 2), { mode: 0o600 })
}

/** What the file says now, tokens by issuer and client. */
export function tokensIn(path: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const document = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, { refresh_token: string }>>
  return Object.fromEntries(
    Object.entries(document).map(([issuer, clients]) => [
      issuer,
      Object.fromEntries(Object.entries(clients).map(([client, entry]) => [client, entry.refresh_token])),
    ]),
  )
}

/** The one file of ours that ends so. */
export function ownFile(directory: string, ending: string): string {
  const [found, ...more] = readdirSync(join(directory, 'latchkey')).filter(
    (name) => name.endsWith(ending) && name !== 'file.lock',
  )
  if (found === undefined || more.length > 0) throw new Error(`${ending}: ${[found, ...more].join()}`)
  return join(directory, 'latchkey', found)
}

/** All that our own directory holds, but for lock files, which nobody may open. */
export function ownBytes(directory: string): string {
  const own = join(directory, 'latchkey')
  const names = readdirSync(own).filter((name) => !name.endsWith('.lock'))
  return names.map((name) => readFileSync(join(own, name), 'utf8').trim()).join('\n')
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** What Python does when somebody logs in with it. */
export const pythonStores = (file: string, refreshToken: string): void =>
  pythonWrites(file, { [key.issuer]: { [key.clientId]: refreshToken } })

/** The refresh token of the login in the shared file. */
export const stored = (file: string): string | undefined => tokensIn(file)[key.issuer]?.[key.clientId]

/** A first login. */
export const storeFirst = (store: FileStore): Promise<Login | undefined> => store.update(key, async () => login('rt-1'))

/** A rotation whose process dies when the shared file is written and our own is not. */
export async function dieBeforeOwnFile(place: { path: string; store: FileStore }, next: string): Promise<void> {
  const own = ownFile(place.path, '.json')
  copyFileSync(own, `${own}.kept`)
  await place.store.update(key, rotateTo(next))
  renameSync(`${own}.kept`, own)
}
