import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { auth } from './support/auth.ts'
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

async function loadedBy(at: Home, words: readonly string[]): Promise<Loaded> {
  const script = join(at.path, 'hook.cjs')
  const report = join(at.path, 'loaded.json')
  writeFileSync(script, hook)
  const { code, stdout } = await auth(words, { env: { ...at.env, LOADED: report }, execArgv: ['--require', script] })
  expect([code, stdout]).toEqual([0, 'at\n'])
  return JSON.parse(readFileSync(report, 'utf8')) as Loaded
}

const key = { issuer: 'https://iam.example.org', clientId: 'script' }

it.each([[['token', 'https://iam.example.org', '--client-id', 'script']], [['token', 'iam.example.org']], [['token']]])(
  '%j with a stored token loads two files, and nothing that costs',
  async (words) => {
    const at = home()
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const { builtins, files } = await loadedBy(at, words)
    expect(files.map((file) => basename(file).replace(/-[\w-]{8}\.cjs$/, ''))).toEqual(['bin.cjs', 'auth'])
    // Cryptography, the lock, the network, `process.stdout` (tty, or net for a pipe) and timers' promises.
    for (const costly of [
      'crypto',
      'sqlite',
      'net',
      'tty',
      'http',
      'https',
      'tls',
      'readline',
      'worker_threads',
      'child_process',
    ]) {
      expect(builtins).not.toContain(costly)
    }
    expect(builtins.filter((name) => name.includes('undici'))).toEqual([])
    expect(readFileSync(files[1] ?? '', 'utf8')).not.toContain('node_modules/oauth4webapi')
  },
)

it('a token that has to be renewed loads the rest', async () => {
  const at = home()
  await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at', { expiresAt: Date.now() + 1 }) } })
  await expect(loadedBy(at, ['token', 'http://127.0.0.1:1'])).rejects.toThrow()
})
