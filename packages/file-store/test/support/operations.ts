import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Clock } from '@latchkey/core'
import { authConfig, fileStore } from '@latchkey/file-store'
import { manualClock } from '@latchkey/testkit'

type Value = string | null

/** One act on the shared files, with the arguments of the Python client. */
export type Operation =
  | readonly ['basic', backend: string, user: string, password: Value]
  | readonly ['oidc', backend: string, provider: string, client: Value, secret: Value, issuer: Value]
  | readonly ['token', issuer: string, client: string, token: string]
  | readonly ['get basic', backend: string]
  | readonly ['get oidc', backend: string, provider: string]
  | readonly ['get token', issuer: string, client: string]

/** Does one operation at one time, `2026-01-02 03:04:05` UTC; reads give what the Python client gives. */
export interface Operator {
  act(operation: Operation, at: string): Promise<unknown>
  close(): Promise<void>
}

const given = (value: Value | undefined): string | undefined => value ?? undefined

type Act = (...args: readonly Value[]) => Promise<unknown>

/** Our counterpart of each operation. */
function acts(path: string, clock: Clock, createdBy: string | undefined): Readonly<Record<Operation[0], Act>> {
  const config = authConfig({ path, clock, createdBy })
  const store = fileStore({ path, clock })
  const text = String
  return {
    basic: (backend, username, password) =>
      config.setBasic(text(backend), { username: text(username), password: given(password) }),
    oidc: (backend, provider, ...client) => {
      const [clientId, secret, issuer] = client
      return config.setOidcClient(text(backend), text(provider), {
        clientId: given(clientId),
        clientSecret: given(secret),
        issuer: given(issuer),
      })
    },
    token: (issuer, clientId, refreshToken) =>
      store.update({ issuer: text(issuer), clientId: text(clientId) }, async () => ({
        refreshToken: text(refreshToken),
        tokens: {},
      })),
    'get basic': async (backend) => {
      const found = await config.basic(text(backend))
      return [found?.username ?? null, found?.password ?? null]
    },
    'get oidc': async (backend, provider) => {
      const found = await config.oidcClient(text(backend), text(provider))
      return [found?.clientId ?? null, found?.clientSecret ?? null]
    },
    'get token': async (issuer, clientId) =>
      (await store.get({ issuer: text(issuer), clientId: text(clientId) }))?.refreshToken ?? null,
  }
}

/** The operations with our stores. */
export function ourOperator(path: string, createdBy?: string): Operator {
  return {
    act: async ([does, ...args], at) => {
      const clock = manualClock(Date.parse(`${at.replace(' ', 'T')}Z`))
      return acts(path, clock, createdBy)[does](...args)
    },
    close: async () => {},
  }
}

/** The operations with the real Python client, in one process under faketime. */
export function pythonOperator(python: string, path: string): Operator {
  const script = new URL('../programs/python-operations.py', import.meta.url).pathname
  const child = spawn('faketime', ['-f', '2026-01-02 03:04:05', python, script, path], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TZ: 'UTC', FAKETIME_NO_CACHE: '1' },
  })
  let said = ''
  child.stderr.on('data', (data) => (said += String(data)))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  return {
    act: async ([does, ...args], at) => {
      child.stdin.write(`${JSON.stringify([does, at, args])}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error(said)
      return JSON.parse(value)
    },
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}
