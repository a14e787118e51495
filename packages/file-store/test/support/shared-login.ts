import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Fetch, type Session, session } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'
import { type OpeneoBackend, openeoBackend, type Provider, provider, pythonClient } from '@latchkey/testkit'
import type { ExpectStatic, onTestFinished } from 'vitest'
import { type PythonLogin, pythonLogin } from './python-login.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** Without the Python client these tests are skipped. Starting it takes a second, on a busy machine many. */
export const peer: { readonly python: string; readonly absent: boolean; readonly timeout: number } = {
  ...pythonClient(),
  timeout: 600_000,
}

const grants = ['urn:ietf:params:oauth:grant-type:device_code+pkce', 'refresh_token']
/** What both ask for. */
export const scope = 'email offline_access openid'

/** One login, and a way to it from both languages. */
export interface Shared {
  readonly path: string
  readonly backend: OpeneoBackend
  /** As the back-end lists it, with a slash at its end: the key under which both languages store. */
  readonly issuer: string
  python(): PythonLogin
  ours(options?: { readonly fetch?: Fetch }): Session
}

export type Finished = typeof onTestFinished

/** A directory, a back-end and a way in from both languages. */
export async function shared(finished: Finished, origin: string, verify: Provider['verify']): Promise<Shared> {
  const path = temporaryDirectory(finished)
  const issuer = `${origin}/`
  const backend = await openeoBackend({
    providers: [
      {
        id: 'egi',
        issuer,
        title: 'EGI',
        scopes: ['openid', 'email'],
        default_clients: [{ id: 'script', grant_types: grants }],
      },
    ],
    verify,
  })
  finished(() => backend.close())
  return {
    path,
    backend,
    issuer,
    python: () => {
      const process = pythonLogin(peer.python, path, backend.url)
      finished(() => process.kill())
      return process
    },
    ours: (options) => session({ issuer, clientId: 'script', scope, store: fileStore({ path }), ...options }),
  }
}

/** The same with an issuer that ends a login when a spent token comes back. */
export async function withProvider(finished: Finished): Promise<Shared & { readonly at: Provider }> {
  const at = await provider({ accessTokenTtl: 1 })
  finished(() => at.close())
  return { ...(await shared(finished, at.issuer, at.verify)), at }
}

/** Stores a login of its own, as either language would. */
export const store = (path: string, issuer: string, refreshToken: string): Promise<unknown> =>
  fileStore({ path }).update({ issuer, clientId: 'script' }, async () => ({ refreshToken, tokens: {} }))

/** Where both keep it. */
export const file = (path: string): string => join(path, 'refresh-tokens.json')

/** Both languages can read the files, nobody else can, and nothing was left lying about. */
export function expectWhole(path: string, expect: ExpectStatic): void {
  expect(Object.keys(JSON.parse(readFileSync(file(path), 'utf8')) as object)).toHaveLength(1)
  expect(statSync(file(path)).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(path, 'latchkey')).filter((name) => name.endsWith('.tmp'))).toEqual([])
}
