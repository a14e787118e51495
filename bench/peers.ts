import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axios from 'axios'
import { connected, contenders } from './clients.ts'
import { type Contender, compare } from './measure.ts'
import { row, title } from './print.ts'
import { server } from './servers.ts'

/** What a user would pick instead, as its own documentation wires it (exact versions: these were looked at). */
const packages = [
  '@badgateway/oauth2-client@3.3.1',
  'openid-client@6.8.9',
  'axios-auth-refresh@5.0.2',
  'axios-jwt@4.0.3',
  'undici-oidc-interceptor@0.6.0',
  'undici@7.29.1',
]

/** A token as a JWT, which two of them insist on: good for an hour. */
const jwt = ((): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ exp: Math.floor(Date.now() / 1000) + 3600 })}.x`
})()

type Call = (url: string) => Promise<unknown>

// These packages are not installed where types are checked.
type Loaded = any

interface Peer {
  readonly client: string
  readonly name: string
  /** @param load imports one of the packages */
  readonly call: (load: (name: string) => Promise<Loaded>, origin: string) => Promise<Call>
}

const peers: readonly Peer[] = [
  {
    client: 'fetch',
    name: '@badgateway/oauth2-client',
    call: async (load, origin) => {
      const { OAuth2Client, OAuth2Fetch } = await load('@badgateway/oauth2-client')
      const token = { accessToken: jwt, refreshToken: null, expiresAt: Date.now() + 3_600_000 }
      const client = new OAuth2Client({ server: origin, clientId: 'c' })
      const wrapper = new OAuth2Fetch({ client, getNewToken: async () => token, scheduleRefresh: false })
      return async (url) => (await wrapper.fetch(url)).text()
    },
  },
  {
    client: 'fetch',
    name: 'openid-client',
    call: async (load, origin) => {
      const library = await load('openid-client')
      const config = new library.Configuration({ issuer: origin }, 'c')
      library.allowInsecureRequests(config)
      return async (url) => (await library.fetchProtectedResource(config, jwt, new URL(url), 'GET')).text()
    },
  },
  {
    client: 'axios',
    name: 'axios-auth-refresh',
    call: async (load) => {
      const { default: createAuthRefresh } = await load('axios-auth-refresh')
      const instance = axios.create()
      createAuthRefresh(instance, async () => {})
      instance.interceptors.request.use((config) => {
        config.headers.set('authorization', `Bearer ${jwt}`)
        return config
      })
      return (url) => instance.get(url)
    },
  },
  {
    client: 'axios',
    name: 'axios-jwt',
    call: async (load) => {
      const library = await load('axios-jwt')
      const kept = new Map<string, string>()
      const storage = {
        set: (key: string, value: string) => void kept.set(key, value),
        get: (key: string) => kept.get(key) ?? null,
        remove: (key: string) => void kept.delete(key),
      }
      const instance = axios.create()
      const requestRefresh = async (): Promise<string> => jwt
      library.applyAuthTokenInterceptor(instance, { requestRefresh, getStorage: () => storage })
      await library.setAuthTokens({ accessToken: jwt, refreshToken: 'r' })
      return (url) => instance.get(url)
    },
  },
  {
    client: 'undici',
    name: 'undici-oidc-interceptor (on undici 7, its peer)',
    call: async (load, origin) => {
      const { createOidcInterceptor } = await load('undici-oidc-interceptor')
      const undici = await load('undici')
      const options = { idpTokenUrl: `${origin}/token`, urls: [origin], clientId: 'c', accessToken: jwt }
      const dispatcher = new undici.Agent().compose(createOidcInterceptor(options))
      return async (url) => (await undici.request(url, { dispatcher })).body.text()
    },
  },
]

function install(): { readonly folder: string; readonly load: (name: string) => Promise<Loaded> } {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-peers-'))
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const flags = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, stderr } = spawnSync('npm', [...flags, ...packages], { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`The peers could not be installed: ${stderr}`)
  const { resolve } = createRequire(join(folder, 'index.js'))
  return { folder, load: (name) => import(pathToFileURL(resolve(name)).href) }
}

const repeated = (name: string, call: Call, url: string): Contender => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i++) await call(url)
  },
})

/** Ours and what others use, each against the same client with a hand-written header, over sockets. */
export async function againstPeers(): Promise<void> {
  title(
    'Against peers: a valid token over keep-alive loopback (CPU µs, median; ratio to the bare client of the same round)',
  )
  const { folder, load } = install()
  const { origin, stop } = await server()
  try {
    for (const [client, pair] of connected) {
      const theirs = peers.filter((peer) => peer.client === client)
      if (theirs.length === 0) continue
      const calls = await Promise.all(
        theirs.map(async ({ name, call }) => repeated(name, await call(load, origin), `${origin}/jobs`)),
      )
      const all = [...contenders(pair(origin), `${origin}/jobs`), ...calls]
      const measured = await compare(all, 61, 150)
      const [, ours, ...others] = measured.map(({ ratio }) => ratio)
      const lowest = others.every((ratio) => (ours ?? 0) <= ratio * 1.02)
      for (const [index, { name, microseconds, ratio }] of measured.entries()) {
        const goal = index === 1 ? { text: 'lowest (within 2 %)', met: lowest } : undefined
        row(`${client}: ${name}`, `${microseconds.toFixed(0)} (${ratio.toFixed(3)})`, goal)
      }
    }
  } finally {
    stop()
    rmSync(folder, { recursive: true })
  }
}
