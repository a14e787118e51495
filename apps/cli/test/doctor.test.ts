import { fileStore } from '@latchkey/file-store'
import { describe, expect, it } from 'vitest'
import { clientFindings } from '../src/doctor/client.ts'
import { clockFinding } from '../src/doctor/clock.ts'
import { discoveryFinding } from '../src/doctor/discovery.ts'
import { environmentFindings } from '../src/doctor/environment.ts'
import { directoryFinding, fileFinding, leftovers, type Seen } from '../src/doctor/files.ts'
import { leftByExec } from '../src/doctor/leftover-exec.ts'
import { holders, lockFinding } from '../src/doctor/lock.ts'
import { loginFinding } from '../src/doctor/logins.ts'
import { proxyFinding, tlsFinding } from '../src/doctor/proxy.ts'
import { auth } from './support/auth.ts'
import { home } from './support/home.ts'
import { store } from './support/stored.ts'

const issuer = 'https://iam.example.org'
const key = { issuer, clientId: 'script' }

describe('the clock', () => {
  it.each([
    [1_000, 'ok', 'agrees'],
    [-4_999, 'ok', 'agrees'],
    [20_000, 'warn', '20 s behind that of iam.example.org'],
    [-20_000, 'warn', '20 s ahead of'],
    [-3_600_000 * 2, 'fail', '2 h ahead of'],
  ])('that differs by %i ms is %s: %s', (offset, level, text) => {
    expect(clockFinding(issuer, offset)).toMatchObject({ level, text: expect.stringContaining(text) })
  })
})

describe('files', () => {
  const file: Seen = { path: '/a', exists: true, mode: 0o600, owner: 1, link: false, writable: true }
  const directory: Seen = { ...file, mode: 0o755 }

  it.each([
    [file, 'ok', 'mode 600'],
    [{ ...file, exists: false }, 'ok', 'none yet'],
    [{ ...file, link: true }, 'ok', 'by a symbolic link'],
    [{ ...file, exists: false, link: true }, 'fail', 'link to nothing'],
    [{ ...file, fault: "too loose. Run: chmod 600 '/a'" }, 'fail', 'too loose'],
  ])('%j is %s: %s', (seen, level, text) => {
    expect(fileFinding(seen)).toMatchObject({ level, text: expect.stringContaining(text) })
  })

  it('that are too loose are mended by the command that the message names', () => {
    expect(fileFinding({ ...file, fault: "x. Run: chmod 600 '/a'" }).mend).toBe("chmod 600 '/a'")
    expect(fileFinding({ ...file, fault: 'it is not JSON' }).mend).toBe('mv /a /a.broken, then log in again')
  })

  it.each([
    [directory, undefined, ''],
    [{ ...directory, exists: false }, undefined, ''],
    [{ ...directory, owner: 2 }, 'fail', 'belongs to user 2'],
    [{ ...directory, mode: 0o777 }, 'fail', 'others may replace'],
    [{ ...directory, writable: false }, 'fail', 'cannot be written'],
  ])('in %j are %s: %s', (seen, level, text) => {
    const found = directoryFinding(seen, 1)
    expect(found?.level).toBe(level)
    expect(found?.text ?? '').toContain(text)
  })

  it('that a killed process left are named', () => {
    expect(leftovers(['a.json', 'a.lock', 'a.json.tmp'], '/d')?.mend).toBe('rm /d/a.json.tmp')
    expect(leftovers(['a.json', 'a.lock', 'a.answer'], '/d')).toBeUndefined()
  })

  it('of an auth exec whose process is gone are named', () => {
    const names = ['latchkey-exec-12-abc', 'latchkey-exec-13-abc', 'latchkey-exec-x', 'other']
    expect(leftByExec(names, (pid) => pid === 13)).toEqual(['latchkey-exec-12-abc'])
  })
})

describe('a lock', () => {
  const locks = `1: POSIX  ADVISORY  WRITE 4321 08:01:77 1073741825 1073741825
2: POSIX  ADVISORY  READ  4322 08:01:77 1073741826 1073742335
3: FLOCK  ADVISORY  WRITE 4323 08:01:77 0 EOF
4: POSIX  ADVISORY  WRITE 4324 08:01:78 0 EOF
`

  it('is held by those whom the system names', () => {
    expect(holders(locks, new Set([77]))).toEqual([4321])
  })

  it.each([
    [{ key }, [], undefined, ''],
    [{ key, failure: { code: 'STORE_LOCKED', message: '' } }, [7], 'warn', 'Process 7 holds'],
    [{ key, failure: { code: 'STORE_LOCKED', message: '' } }, [], 'warn', 'Another process holds'],
    [{ key, failure: { code: 'STORE_PERMISSIONS', message: 'belongs to user 0' } }, [], 'fail', 'belongs to user 0'],
  ] as const)('%j is %j', (tried, held, level, text) => {
    const found = lockFinding(tried, held)
    expect(found?.level).toBe(level)
    expect(found?.text ?? '').toContain(text)
  })

  it('that another store holds is found, and waited for a moment only', async () => {
    const { env } = home()
    await store(env, key, { refreshToken: 'rt', tokens: {} })
    const other = fileStore({ env })
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let taken = (): void => undefined
    const locked = new Promise<void>((resolve) => {
      taken = resolve
    })
    const update = other.update(key, async (current) => {
      taken()
      await held
      return current
    })
    await locked
    const { stdout } = await auth(['doctor', '--json'], { env })
    release()
    await update
    const found = (JSON.parse(stdout) as { check: string; text: string }[]).filter(({ check }) => check === 'lock')
    expect(found).toEqual([expect.objectContaining({ level: 'warn', text: expect.stringContaining('holds the lock') })])
    if (process.platform === 'linux') expect(found[0]?.text).toContain(`Process ${process.pid} `)
  })
})

describe('proxies and certificates', () => {
  const proxy = { HTTPS_PROXY: 'http://user:hunter2@proxy:3128' }

  it.each([
    [{}, [], true, undefined],
    [proxy, [], true, 'warn'],
    [proxy, [], false, 'fail'],
    [{ ...proxy, NODE_USE_ENV_PROXY: '1' }, [], true, 'ok'],
    [proxy, ['--use-env-proxy'], true, 'ok'],
    [{ ...proxy, NODE_OPTIONS: '--use-env-proxy' }, [], true, 'ok'],
    [{ ...proxy, NODE_USE_ENV_PROXY: '1' }, [], false, 'warn'],
    [{ https_proxy: 'marie:hunter2@:::', NODE_USE_ENV_PROXY: '1' }, [], false, 'warn'],
  ] as const)('%j with %j, issuer reached: %s, is %s', (env, execArgv, reached, level) => {
    const found = proxyFinding(env, execArgv, reached)
    expect(found?.level).toBe(level)
    expect(JSON.stringify(found ?? '')).not.toContain('hunter2')
  })

  it('that is used is named where no issuer answers', () => {
    const env = { HTTPS_PROXY: 'http://marie:hunter2@proxy.test:3128', NODE_USE_ENV_PROXY: '1' }
    expect(proxyFinding(env, [], false)).toEqual({
      level: 'warn',
      check: 'proxy',
      text: 'All goes through the proxy proxy.test:3128 (HTTPS_PROXY): that may be down, or refuse.',
      mend: 'another proxy, or none: export NO_PROXY=HOST',
    })
  })

  it.each([
    [{}, undefined],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'fail'],
    [{ NODE_EXTRA_CA_CERTS: '/there' }, 'ok'],
    [{ NODE_EXTRA_CA_CERTS: '/nowhere' }, 'fail'],
  ])('%j is %s', (env, level) => {
    expect(tlsFinding(env, (path) => path === '/there')?.level).toBe(level)
  })
})

describe('an issuer', () => {
  const visit = { issuer, tookMs: 12 }

  it.each([
    [{ ...visit, metadata: {} }, 'ok', 'answers (12 ms)'],
    [{ ...visit, failure: { code: 'TLS', message: 'no proof' } }, 'fail', 'no proof'],
    [{ ...visit, failure: { code: 'TIMEOUT', message: 'late' } }, 'fail', 'late'],
  ])('%j is %s: %s', (seen, level, text) => {
    expect(discoveryFinding(seen)).toMatchObject({ level, text: expect.stringContaining(text) })
  })

  it('whose name a shell would act on is quoted', () => {
    const failure = { code: 'NETWORK', message: 'could not be reached' }
    const { mend } = discoveryFinding({ ...visit, metadata: undefined, issuer: 'https://a$(id);b.example', failure })
    expect(mend).toContain("getent hosts 'a$(id);b.example'")
  })

  it('that offers no device login, or lists too few grants, is worth a warning', () => {
    const metadata = { grant_types_supported: ['authorization_code'] }
    const found = clientFindings({ ...visit, metadata }, ['script'])
    expect(found.map(({ check, level }) => [check, level])).toEqual([
      ['client', 'ok'],
      ['grants', 'warn'],
      ['grants', 'warn'],
    ])
    expect(found.at(-1)?.text).toContain('but not device_code, refresh_token')
    expect(clientFindings({ ...visit, metadata }, [])[0]).toMatchObject({ level: 'warn', mend: expect.any(String) })
    expect(clientFindings(visit, ['script'])).toEqual([])
  })
})

describe('the environment', () => {
  it('shows what overrides, and no secret', () => {
    const found = environmentFindings({
      OPENEO_CONFIG_HOME: '/x',
      LATCHKEY_CLIENT_SECRET: 'hunter2',
      BEARER_TOKEN: 'hunter2',
    })
    expect(found.map(({ level }) => level)).toEqual(['ok', 'warn', 'warn'])
    expect(JSON.stringify(found)).not.toContain('hunter2')
    expect(environmentFindings({})).toEqual([expect.objectContaining({ level: 'ok' })])
  })
})

describe('a login', () => {
  const now = Date.UTC(2026, 0, 1)

  it.each([
    ['fresh', {}, 'ok', 'has a good token'],
    ['renewable', {}, 'ok', 'the next use'],
    ['renewable', { failed: { at: now - 60_000, code: 'TIMEOUT', variant: '' } }, 'warn', '60 s ago (TIMEOUT)'],
    ['login_required', { refused: { at: now - 60_000, code: 'invalid_grant', times: 1 } }, 'fail', 'invalid_grant'],
    ['login_required', {}, 'fail', 'has ended'],
  ] as const)('that is %s, with %j, is %s: %s', (state, more, level, text) => {
    const found = loginFinding({ key, state, login: { tokens: {}, ...more } }, now)
    expect(found).toMatchObject({ level, text: expect.stringContaining(text) })
    if (level === 'fail') expect(found.mend).toBe('auth login https://iam.example.org --client-id script')
  })
})
