import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { knownBackends } from '@latchkey/openeo'
import { expect, it } from 'vitest'
import { auth, type Ended } from './support/auth.ts'
import { type Home, home } from './support/home.ts'
import { store, storedToken } from './support/stored.ts'

/** What a run loaded beyond what Node itself had. */
interface Loaded {
  readonly builtins: readonly string[]
  readonly files: readonly string[]
}

const hook = `
const before = new Set(process.moduleLoadList)
process.on('exit', () => {
  const builtins = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.replace(/^.* /, ''))
  const files = Object.keys(require.cache).filter((file) => file !== __filename)
  require('node:fs').writeFileSync(process.env.LOADED, JSON.stringify({ builtins, files }))
})`

async function loadedBy(at: Home, words: readonly string[]): Promise<Ended & Loaded> {
  const script = join(at.path, 'hook.cjs')
  const report = join(at.path, 'loaded.json')
  writeFileSync(script, hook)
  const ended = await auth(words, { env: { ...at.env, LOADED: report }, execArgv: ['--require', script] })
  return { ...ended, ...(JSON.parse(readFileSync(report, 'utf8')) as Loaded) }
}

const key = { issuer: 'https://iam.example.org', clientId: 'script' }

it.each([[['token', 'https://iam.example.org', '--client-id', 'script']], [['token', 'iam.example.org']], [['token']]])(
  '%j with a stored token loads one file, and nothing that costs',
  async (words) => {
    const at = home()
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const { builtins, code, files, stdout } = await loadedBy(at, words)
    expect([code, stdout]).toEqual([0, 'at\n'])
    expect(files.map((file) => basename(file))).toEqual(['bin.cjs'])
    // Cryptography, the lock, the network, `process.stdout` (tty, or net for a pipe) and timers' promises.
    const costly = /^(crypto|sqlite|net|tty|https?|http2|tls|readline|child_process|worker_threads)$|undici/
    expect(builtins.filter((name) => costly.test(name))).toEqual([])
    expect(readFileSync(files[0] ?? '', 'utf8')).not.toContain('node_modules/oauth4webapi')
  },
)

it('a stored token for an openEO back-end asks nobody either', async () => {
  const at = home()
  await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
  const known = { providerId: 'egi', issuer: key.issuer, clientId: key.clientId, bareJwt: false }
  await knownBackends({ env: at.env }).set('https://openeo.example.com', known)
  const { builtins, code, files, stdout } = await loadedBy(at, ['header', 'openeo.example.com'])
  expect([code, stdout]).toEqual([0, 'Authorization: Bearer oidc/egi/at\n'])
  expect(builtins.filter((name) => /^(sqlite|net|https?|http2|tls|child_process)$|undici/.test(name))).toEqual([])
  expect(files.map((file) => basename(file)).filter((name) => /session|build/.test(name))).toEqual([])
})

it('a token that has to be renewed loads the rest of the program', async () => {
  const at = home()
  const unreachable = { issuer: 'http://127.0.0.1:1', clientId: 'script' }
  await store(at.env, unreachable, {
    refreshToken: 'rt',
    tokens: { '': storedToken('at', { receivedAt: 0, expiresAt: 1 }) },
  })
  const { builtins, code, files } = await loadedBy(at, ['token'])
  expect(code).toBe(4)
  expect(files.map((file) => basename(file))).toContain('main.cjs')
  expect(builtins).toContain('net')
})
