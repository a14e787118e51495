import { readFileSync } from 'node:fs'
import { type OpeneoBackend, type OpeneoOptions, openeoBackend, type Provider } from '@latchkey/testkit'
import { onTestFinished } from 'vitest'
import { main } from '../../src/main.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './fake-io.ts'
import type { Home } from './home.ts'

type Finished = typeof onTestFinished
type ListedProvider = NonNullable<OpeneoOptions['providers']>[number]

/** As back-ends list it for clients that log in by device. */
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code+pkce'

/** A provider as a back-end lists it, with `script` as its default client. */
export function listed(id: string, issuer: string, more: Partial<ListedProvider> = {}): ListedProvider {
  const defaultClient = { id: 'script', grant_types: [deviceGrant, 'refresh_token'] }
  return { id, issuer, title: `Title of ${id}`, scopes: ['openid'], default_clients: [defaultClient], ...more }
}

/** A back-end for one test. */
export async function backendWith(
  options: OpeneoOptions = {},
  finished: Finished = onTestFinished,
): Promise<OpeneoBackend> {
  const backend = await openeoBackend(options)
  finished(() => backend.close())
  return backend
}

export interface Ran extends FakeIo {
  readonly code: number
}

/** Runs the program in this process. */
export async function run(
  at: Home,
  words: readonly string[],
  more: FakeIoOptions = {},
  watch?: (io: FakeIo) => void,
): Promise<Ran> {
  // A person logs in from somewhere.
  const io = fakeIo({ watched: words[0] === 'login', ...more, env: { ...at.env, ...more.env } })
  watch?.(io)
  return { ...io, code: await main(words, io) }
}

/** Approves a login as a person does, once its address stands on stdout. */
export function approvedBy(provider: Provider, finished: Finished): (io: FakeIo) => void {
  return (io) => {
    const timer = setInterval(() => {
      const [, code] = /user_code=([A-Z-]+)/.exec(io.stdout()) ?? []
      if (code === undefined) return
      clearInterval(timer)
      void provider.approve(code)
    }, 20)
    finished(() => clearInterval(timer))
  }
}

type Backends = Record<string, { basic?: object; oidc?: { providers: Record<string, object> } }>

/** What `auth-config.json` holds. */
export function backendsIn(at: Home): Backends {
  return (JSON.parse(readFileSync(at.config, 'utf8')) as { backends: Backends }).backends
}
