import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Grant, type Session, type SessionOptions, session, type TokenStore } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'
import type { ManualClock } from '@latchkey/testkit'
import type { Families } from './families.ts'

/** Where one story is told. */
export interface Ground {
  readonly issuer: Families
  readonly clock: ManualClock
  readonly directory: string
}

type Document = Record<string, Record<string, { readonly date: string; readonly refresh_token: string }>>

/** The openEO Python client: it loads, changes and writes without a lock. */
export interface Python {
  logIn(refreshToken: string): void
  clear(): void
  /** Loads for a change that is written later. */
  load(): void
  /** Writes what was loaded, with another login's entry changed; nothing where nothing was loaded. */
  writeBack(): void
}

export function python({ issuer, directory }: Ground): Python {
  const file = join(directory, 'refresh-tokens.json')
  const read = (): Document => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Document) : {})
  const write = (document: Document): void => writeFileSync(file, JSON.stringify(document, null, 2), { mode: 0o600 })
  const entry = (refresh_token: string): Document[string][string] => ({ date: '2026-01-02T03:04:05Z', refresh_token })
  let loaded: Document | undefined
  return {
    logIn(refreshToken) {
      const document = read()
      write({ ...document, [issuer.issuer]: { ...document[issuer.issuer], c: entry(refreshToken) } })
    },
    clear: () => rmSync(file, { force: true }),
    load: () => (loaded = read()),
    writeBack() {
      if (loaded !== undefined) write({ ...loaded, 'https://other.example': { c: entry('other') } })
      loaded = undefined
    },
  }
}

/** Where a process dies. */
export type Death = 'after spend' | 'after the answer'

function dying(store: TokenStore, death: Death): TokenStore {
  const killed = (): never => {
    throw new Error('killed')
  }
  return {
    ...store,
    update: (key, change, options) =>
      store.update(
        key,
        (current, lease) =>
          change(current, {
            reread: () => lease.reread(),
            spend: async (token, variant) => {
              const answered = await lease.spend(token, variant)
              if (death === 'after spend') killed()
              return async (answer) => {
                await answered(answer)
                killed()
              }
            },
          }),
        options,
      ),
  }
}

/** A session of a new process. */
export function newProcess(
  { issuer, clock, directory }: Ground,
  options: { readonly death?: Death; readonly login?: Grant } = {},
): Session {
  const { death, login } = options
  const files = fileStore({ path: directory, clock })
  const store = death === undefined ? files : dying(files, death)
  const asks: Pick<SessionOptions, 'login'> = login === undefined ? {} : { login: () => login }
  return session({ issuer: issuer.issuer, clientId: 'c', store, clock, ...asks })
}

/** Runs something while our own file of the login cannot be replaced, as a crash between the two files leaves it. */
export async function withoutOwnFile({ directory }: Ground, run: () => Promise<void>): Promise<void> {
  const own = join(directory, 'latchkey')
  const names = existsSync(own) ? readdirSync(own).filter((name) => name.endsWith('.json')) : []
  const blocked = names.map((name) => join(own, `${name}.tmp`))
  for (const path of blocked) mkdirSync(path)
  await run()
  for (const path of blocked) rmdirSync(path)
}
