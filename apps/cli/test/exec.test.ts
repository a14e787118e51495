import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemClock, type Token } from '@latchkey/core'
import { authConfig } from '@latchkey/file-store'
import { manualClock, type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { relay } from '../src/exec/child.ts'
import { keepFresh } from '../src/exec/freshening.ts'
import { auth, startAuth } from './support/auth.ts'
import { home } from './support/home.ts'
import { backendWith } from './support/openeo.ts'
import { loggedInHome } from './support/provided.ts'
import { store, storedToken } from './support/stored.ts'

const key = { issuer: 'https://iam.example.org', clientId: 'script' }
const node = process.execPath
const show =
  'console.log(JSON.stringify([process.env.BEARER_TOKEN, process.env.BEARER_TOKEN_FILE, process.argv.slice(1)]))'

let issuer: Provider

beforeAll(async () => {
  issuer = await provider({ accessTokenTtl: 6 })
})
afterAll(() => issuer.close())

describe.concurrent('auth exec', () => {
  it('gives the command a token in its environment and in a private file, and its words as they are', async ({
    expect,
    onTestFinished,
  }) => {
    const at = home(onTestFinished)
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const look = `const fs = require('node:fs'); const file = process.env.BEARER_TOKEN_FILE
      console.log(JSON.stringify([fs.readFileSync(file, 'utf8'), fs.statSync(file).mode & 511,
      fs.statSync(require('node:path').dirname(file)).mode & 511, process.env.BEARER_TOKEN, process.argv.slice(1), file]))`
    const env = { ...at.env, XDG_RUNTIME_DIR: at.path, BEARER_TOKEN: 'of somebody else' }
    const { code, stdout, stderr } = await auth(['exec', '--', node, '-e', look, '--', '--json', '$HOME; a b'], { env })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [inFile, fileMode, placeMode, inVariable, words, file] = JSON.parse(stdout) as unknown[]
    expect([inFile, fileMode, placeMode, inVariable]).toEqual(['at', 0o600, 0o700, 'at'])
    expect(words).toEqual(['--json', '$HOME; a b'])
    expect(dirname(dirname(String(file)))).toBe(at.path)
    expect(readdirSync(at.path).filter((name) => name.startsWith('latchkey-exec'))).toEqual([])
  })

  it('--file-only leaves the variable out, which programs would prefer to the file', async ({
    expect,
    onTestFinished,
  }) => {
    const at = home(onTestFinished)
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const words = ['exec', 'iam.example.org', '--file-only', '--', node, '-e', show]
    const { stdout } = await auth(words, { env: { ...at.env, BEARER_TOKEN: 'of somebody else' } })
    expect(JSON.parse(stdout)).toEqual([null, expect.any(String), []])
  })

  it('gives the token of an openEO back-end for the user and password that are stored for it', async ({
    expect,
    onTestFinished,
  }) => {
    const at = home(onTestFinished)
    const { url } = await backendWith({ users: { john: 'j0hn123' } }, onTestFinished)
    await authConfig({ env: at.env }).setBasic(url, { username: 'john', password: 'j0hn123' })
    const own = (await auth(['token', url], at)).stdout.trim()
    const { code, stdout, stderr } = await auth(['exec', url, '--', node, '-e', show], at)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual([expect.stringMatching(/^\S+$/), expect.any(String), []])
    expect(own).toMatch(/^\S+$/)
    const narrow = await auth(['exec', url, '--scope=x', '--', node, '-e', show], at)
    expect([narrow.code, narrow.stderr]).toEqual([2, expect.stringContaining('has no --scope and no --audience')])
    await authConfig({ env: at.env }).setBasic(url, { username: 'john', password: 'wrong' })
    const refused = await auth(['exec', url, '--', node, '-e', show], at)
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('Check user name and password.')])
  })

  it('hands none of the secrets on that it was given itself', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const names = ['LATCHKEY_CLIENT_SECRET', 'LATCHKEY_PASSWORD']
    const env = { ...at.env, ...Object.fromEntries(names.map((name) => [name, 'secret'])), KEPT: 'kept' }
    const look = 'console.log(JSON.stringify(Object.entries(process.env).filter(([, v]) => /^(secret|kept)$/.test(v))))'
    const { stdout } = await auth(['exec', 'iam.example.org', '--', node, '-e', look], { env })
    expect(JSON.parse(stdout)).toEqual([['KEPT', 'kept']])
  })

  it.for([
    [['process.exit(7)'], 7],
    [['process.kill(process.pid, "SIGKILL")'], 137],
    [['process.exitCode = 0'], 0],
  ] as const)('ends as %j does: %i', async ([[program], expected], { expect, onTestFinished }) => {
    const at = home(onTestFinished)
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    expect((await auth(['exec', '--', node, '-e', program], { env: at.env })).code).toBe(expected)
  })

  it.for([
    ['no-such-command', 127, 'there is no such command'],
    ['/etc', 126, 'EACCES'],
  ] as const)('of %s ends with %i', async ([command, expected, words], { expect, onTestFinished }) => {
    const at = home(onTestFinished)
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const { code, stderr } = await auth(['exec', '--', command], { env: { ...at.env, XDG_RUNTIME_DIR: at.path } })
    expect([code, stderr]).toEqual([
      expected,
      expect.stringMatching(`^auth: ${command} could not be started: .*${words}`),
    ])
    expect(readdirSync(at.path).filter((name) => name.startsWith('latchkey-exec'))).toEqual([])
  })

  it('keeps its file in the temporary directory where XDG_RUNTIME_DIR is of no use', async ({
    expect,
    onTestFinished,
  }) => {
    const at = home(onTestFinished)
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const env = { ...at.env, XDG_RUNTIME_DIR: join(at.path, 'gone'), TMPDIR: at.path }
    const { stdout } = await auth(['exec', '--', node, '-e', show], { env })
    expect(dirname(dirname(String((JSON.parse(stdout) as unknown[])[1])))).toBe(at.path)
  })

  it('hands on stdin', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const { stdout } = await auth(['exec', '--', 'cat'], { env: at.env, input: 'typed' })
    expect(stdout).toBe('typed')
  })

  it.for(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR1'] as const)(
    'passes %s on, waits for what the command makes of it, and leaves no token behind',
    async (signal, { expect, onTestFinished }) => {
      const at = home(onTestFinished)
      await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
      const program = `process.on('${signal}', () => setTimeout(() => process.exit(9), 100)); setInterval(() => {}, 1000); console.error('ready')`
      const running = await startAuth(['exec', '--', node, '-e', program], {
        env: { ...at.env, XDG_RUNTIME_DIR: at.path },
      })
      await running.says(/ready/)
      expect(readdirSync(at.path).filter((name) => name.startsWith('latchkey-exec'))).toHaveLength(1)
      running.child.kill(signal)
      expect((await running.ended).code).toBe(9)
      expect(readdirSync(at.path).filter((name) => name.startsWith('latchkey-exec'))).toEqual([])
    },
  )

  it('that a signal reaches while it renews ends with it, stores what comes, and never starts the command', async ({
    expect,
    onTestFinished,
  }) => {
    const slow = await provider({ tokenDelay: 2_000, accessTokenTtl: 60 })
    onTestFinished(() => slow.close())
    const at = await loggedInHome(slow, onTestFinished)
    const running = await startAuth(['exec', '--', node, '-e', show], { env: at.env })
    await expect.poll(() => slow.stats.refreshes, { timeout: 10_000, interval: 20 }).toBe(1)
    running.child.kill('SIGTERM')
    const { code, stdout } = await running.ended
    expect([code, stdout]).toEqual([143, ''])
    expect((await auth(['token'], { env: at.env })).code).toBe(0)
    expect([slow.stats.refreshes, slow.stats.revokedGrants]).toEqual([1, 0])
  })

  it('keeps the file fresh while the command runs', async ({ expect, onTestFinished }) => {
    const at = await loggedInHome(issuer, onTestFinished)
    const program = `const fs = require('node:fs'); const read = () => fs.readFileSync(process.env.BEARER_TOKEN_FILE, 'utf8')
      const first = read(); const timer = setInterval(() => { if (read() !== first) { clearInterval(timer); console.log(read()) } }, 50)`
    const { code, stdout } = await auth(['exec', '--', node, '-e', program], { env: at.env })
    expect(code).toBe(0)
    expect(issuer.verify(stdout.trim())).toMatchObject({ login: 'marie' })
  })

  it('says once that a renewal failed, and lets the command go on', async ({ expect, onTestFinished }) => {
    const failing = await provider({ accessTokenTtl: 6 })
    const at = await loggedInHome(failing, onTestFinished)
    const program = "console.error('ready'); process.stdin.resume(); process.stdin.on('end', () => process.exit(5))"
    const running = await startAuth(['exec', '--', node, '-e', program], { env: at.env, open: true })
    await running.says(/ready/)
    await failing.close()
    await running.says(/could not be renewed/)
    running.child.stdin?.end()
    const { code, stderr } = await running.ended
    expect([code, stderr.match(/^auth: The token could not be renewed; .* goes on\. /gm)]).toEqual([
      5,
      [expect.any(String)],
    ])
  })

  it.for([
    [['exec'], 2, 'auth exec -- COMMAND'],
    [['exec', 'cdse', 'ls'], 2, 'at most one ISSUER'],
    [['exec', '--'], 2, 'auth exec -- COMMAND'],
    [['exec', 'cdse', '--', 'ls'], 3, 'auth login cdse'],
    [['exec', '--client-secret-file=-', '--', 'ls'], 2, 'Stdin belongs to the command'],
  ] as const)('%j is refused with %i', async ([words, expected, text], { expect, onTestFinished }) => {
    const { code, stdout, stderr } = await auth(words, { env: home(onTestFinished).env })
    expect([code, stdout, stderr]).toEqual([expected, '', expect.stringContaining(text)])
  })

  it('gives no token that is bound to a key', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at', { tokenType: 'DPoP' }) } })
    const { code, stderr } = await auth(['exec', '--', 'env'], { env: at.env })
    expect([code, stderr]).toEqual([1, expect.stringContaining('bound to a key')])
  })
})

describe('keeping a token fresh', () => {
  const first = (lifetime: number): Token => ({ accessToken: 'one', tokenType: 'Bearer', expiresAt: lifetime })

  it.each([
    [3_600_000, 3_480_000],
    [60_000, 30_000],
  ])('of %i ms asks anew after %i', async (lifetime, expected) => {
    const clock = manualClock(0)
    const stop = new AbortController()
    const asked: number[] = []
    const work = keepFresh(first(lifetime), {
      clock,
      signal: stop.signal,
      source: {
        getToken: async () => {
          asked.push(clock.now())
          stop.abort()
          return first(lifetime)
        },
      },
      renewed: () => undefined,
      failed: () => undefined,
    })
    for (let at = 0; at <= expected && asked.length === 0; at += 10_000) await clock.advance(10_000)
    await work
    expect(asked[0]).toBeGreaterThanOrEqual(expected)
    expect(asked[0]).toBeLessThan(expected + 10_001)
  })

  it('tells of failures in a row once, goes on, and tells of the next row', async () => {
    const clock = manualClock(0)
    const stop = new AbortController()
    const outcomes = ['no', 'no', 'no', 'yes', 'no', 'no', 'end']
    const told: string[] = []
    const source = {
      getToken: async () => {
        const outcome = outcomes.shift()
        if (outcome === 'end') stop.abort()
        if (outcome === 'no') throw new Error(`refused, ${outcomes.length} to go`)
        return { accessToken: `token ${outcomes.length}`, tokenType: 'Bearer', expiresAt: clock.now() + 60_000 }
      },
    }
    const failed = (message: string): void => void told.push(message)
    const work = keepFresh(first(60_000), { clock, signal: stop.signal, source, renewed: () => undefined, failed })
    for (let time = 0; time < 100 && !stop.signal.aborted; time++) await clock.advance(5_000)
    await work
    expect(told).toEqual(['Error: refused, 6 to go', 'Error: refused, 2 to go'])
  })

  it('does nothing for a token without an end', async () => {
    const work = keepFresh(
      { accessToken: 'one', tokenType: 'Bearer' },
      {
        clock: systemClock,
        signal: new AbortController().signal,
        source: { getToken: () => Promise.reject(new Error('asked')) },
        renewed: () => undefined,
        failed: () => undefined,
      },
    )
    expect(await work).toBeUndefined()
  })
})

describe('signals while a command runs', () => {
  const passed = (isTerminal: boolean): readonly string[] => {
    const signals = relay(isTerminal)
    const got: string[] = []
    signals.to((name) => got.push(name))
    for (const name of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const) process.emit(name)
    signals.end()
    return got
  }

  it('go to it, but for those that a terminal sends to both by itself', () => {
    expect(passed(false)).toEqual(['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'])
    expect(passed(true)).toEqual(['SIGTERM', 'SIGHUP'])
  })
})
