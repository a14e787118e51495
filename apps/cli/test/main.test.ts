import { chmodSync, readFileSync, statSync } from 'node:fs'
import { AuthError, type AuthErrorCode, type LoginKey, systemClock } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import { commands } from '../src/commands.ts'
import { exitCodeOf } from '../src/exit-code.ts'
import { main } from '../src/main.ts'
import { statusText } from '../src/status/details.ts'
import { statusOf } from '../src/status/login-status.ts'
import { UsageError } from '../src/usage-error.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './support/fake-io.ts'
import { home, privateFile, pythonTokens } from './support/home.ts'
import { store, storedToken } from './support/stored.ts'

const key: LoginKey = { issuer: 'https://iam.example.org', clientId: 'script' }

async function run(words: readonly string[], options: FakeIoOptions = {}): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo(options)
  return { ...io, code: await main(words, io) }
}

describe('exit codes', () => {
  it.each([
    ['CONFIG_INVALID', 1],
    ['RESPONSE_INVALID', 1],
    ['LOGIN_REQUIRED', 3],
    ['LOGIN_DENIED', 3],
    ['STEP_UP_REQUIRED', 3],
    ['NETWORK', 4],
    ['TIMEOUT', 4],
    ['DISCOVERY_FAILED', 4],
    ['SERVER_ERROR', 4],
    ['STORE_LOCKED', 4],
    ['ABORTED', 130],
  ] satisfies [AuthErrorCode, number][])('of %s is %i', (code, expected) => {
    expect(exitCodeOf(new AuthError(code, ''))).toBe(expected)
  })

  it('are 2 for usage and 1 for what nobody foresaw', () => {
    expect([exitCodeOf(new UsageError('')), exitCodeOf(new Error('x')), exitCodeOf('x')]).toEqual([2, 1, 1])
  })
})

describe('auth', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('%j prints the help on stdout', async (words) => {
    const { code, stdout, stderr } = await run(words)
    expect({ code, stderr: stderr() }).toEqual({ code: 0, stderr: '' })
    expect(stdout()).toContain('Usage: auth COMMAND')
  })

  it('--help fits a screen of 24 lines and 80 columns, and names every command once', async () => {
    const lines = (await run(['--help'])).stdout().trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(24)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
    const text = lines.slice(3).join(' ')
    const named = Object.keys(commands).filter((name) => new RegExp(`[ :] *${name}[ ,.]`).test(text))
    expect(named).toEqual(Object.keys(commands).filter((name) => name !== 'config' && name !== 'tokens'))
  })

  it.each([['-v'], ['-vv'], ['--verbose']])('%s may stand before a command', async (option) => {
    const { code, stdout } = await run([option, 'paths'], { env: home().env })
    expect([code, stdout()]).toEqual([0, expect.stringContaining('openEO auth config: ')])
    expect((await run(['paths', option], { env: home().env })).code).toBe(2)
  })

  it('--version prints the version of the package', async () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect((await run(['--version'])).stdout()).toBe(`${(manifest as { version: string }).version}\n`)
  })

  it.each(Object.keys(commands))('%s --help prints every option, whatever else is wrong', async (name) => {
    const { code, stdout } = await run([name, '--nonsense', '--help'])
    expect(code).toBe(0)
    expect(stdout()).toContain(`Usage: auth ${name}`)
    expect(stdout()).toContain('--help')
  })

  it.each([
    [['tokn'], 'auth: There is no command tokn. Did you mean token? See: auth --help\n'],
    [['list'], 'auth: There is no command list. It is called status here. See: auth --help\n'],
    [['oidc-auth'], 'auth: Which back-end? Give its address. See: auth oidc-auth --help\n'],
    [['config', '--sho=x'], 'auth: --show-secrets takes no value. See: auth config --help\n'],
    [['--json'], 'auth: There is no option --json here: options follow the command. See: auth --help\n'],
    [['token', '--jsno'], 'auth: There is no option --jsno. Did you mean --json? See: auth token --help\n'],
    [
      ['token', 'cdes'],
      'auth: cdes is no address of an issuer, and no name that auth login lists. Did you mean cdse?\n',
    ],
    [['constructor'], 'auth: There is no command constructor. See: auth --help\n'],
    [['a\u001b[2J'], 'auth: There is no command a\\u001b[2J. See: auth --help\n'],
  ])('%j is wrong usage, and says what is right', async (words, message) => {
    const { code, stdout, stderr } = await run(words)
    expect({ code, stdout: stdout(), stderr: stderr() }).toEqual({ code: 2, stdout: '', stderr: message })
  })
})

describe('auth login', () => {
  it('without an issuer lists the names it knows', async () => {
    const { code, stdout } = await run(['login'])
    expect(code).toBe(0)
    for (const name of ['apex', 'cdse', 'egi', 'openeo-platform', 'terrascope'])
      expect(stdout()).toContain(`  ${name} `)
    const rows: unknown = JSON.parse((await run(['login', '--json'])).stdout())
    expect(rows).toContainEqual(expect.objectContaining({ name: 'cdse', client_id: expect.stringMatching(/^sh-/) }))
  })

  it.each([['--timeout=soon'], ['--timeout=-1'], ['--timeout=99999999']])('refuses %s', async (option) => {
    const { code, stderr } = await run(['login', 'iam.example.org', '--client-id=x', option], { env: home().env })
    expect(code).toBe(2)
    expect(stderr()).toContain('--timeout is a number of seconds')
  })
})

describe('auth token', () => {
  it('prints the stored token alone, or as JSON with what belongs to it', async () => {
    const { env } = home()
    const token = storedToken('at', { scope: 'read' })
    await store(env, key, { refreshToken: 'rt', tokens: { '': token } })
    const plain = await run(['token', 'iam.example.org'], { env })
    expect({ code: plain.code, stdout: plain.stdout(), stderr: plain.stderr() }).toEqual({
      code: 0,
      stdout: 'at\n',
      stderr: '',
    })
    expect(JSON.parse((await run(['token', '--json'], { env })).stdout())).toMatchObject({
      issuer: key.issuer,
      client_id: 'script',
      access_token: 'at',
      token_type: 'Bearer',
      expires_at: new Date(token.expiresAt ?? 0).toISOString(),
      scope: 'read',
    })
    expect((await run(['header'], { env })).stdout()).toBe('Authorization: Bearer at\n')
  })

  it.each([
    ['header', 'a header alone does not carry that'],
    ['token', 'a token alone does not carry that'],
    ['token --json', 'a token alone does not carry that'],
  ])('%s refuses a token bound to a key: %s', async (line, said) => {
    const { env } = home()
    await store(env, key, { refreshToken: 'rt', tokens: { '': storedToken('at', { tokenType: 'DPoP' }) } })
    const { code, stdout, stderr } = await run(line.split(' '), { env })
    expect({ code, stdout: stdout() }).toEqual({ code: 1, stdout: '' })
    expect(stderr()).toContain(said)
  })

  it('never starts a login: without one it names the command', async () => {
    const { code, stdout, stderr } = await run(['token', 'cdse'], { env: home().env })
    expect({ code, stdout: stdout() }).toEqual({ code: 3, stdout: '' })
    expect(stderr()).toContain('Log in with: auth login cdse\n')
  })

  it('refuses a file that others may read, and says how to mend it', async () => {
    const { env, tokens } = home()
    privateFile(tokens, pythonTokens(key.issuer, 'script', 'rt'))
    chmodSync(tokens, 0o644)
    const { code, stderr } = await run(['token'], { env })
    expect(code).toBe(1)
    expect(stderr()).toContain(`File ${tokens} could be readable by others: mode 644 (expected: 600).`)
  })
})

describe('auth status', () => {
  const now = Date.UTC(2026, 0, 1)
  const good = storedToken('at', { receivedAt: now - 60_000, expiresAt: now + 240_000 })

  it.each([
    ['fresh', { refreshToken: 'rt', tokens: { '': good } }, 'expires in 4 min'],
    ['fresh', { tokens: { '': { ...good, expiresAt: now + 240_000 } } }, 'expires in 4 min'],
    ['renewable', { refreshToken: 'rt', tokens: {} }, 'none yet; the next use gets one'],
    [
      'renewable',
      { refreshToken: 'rt', tokens: { '': { ...good, expiresAt: now - 1 } } },
      'expired; the next use renews it',
    ],
    [
      'login_required',
      { tokens: { '': { ...good, expiresAt: now - 1 } } },
      'auth login https://iam.example.org --client-id script',
    ],
    [
      'login_required',
      { refreshToken: 'rt', tokens: {}, refused: { at: now - 300_000, code: 'invalid_grant', times: 3 } },
      'by the issuer 5 min ago (invalid_grant, 3 times)',
    ],
    [
      'renewable',
      { refreshToken: 'rt', tokens: {}, refused: { at: now - 300_000, code: 'invalid_grant', times: 2 } },
      'none; the next use tries once more',
    ],
    [
      'renewable',
      { refreshToken: 'rt', tokens: {}, failed: { at: now - 90_000, code: 'TIMEOUT', variant: '' } },
      'TIMEOUT 90 s ago',
    ],
    ['fresh', { tokens: { '{"machine":[]}': good } }, 'expires in 4 min'],
    ['renewable', { tokens: { '{"machine":[]}': { ...good, expiresAt: now - 1 } } }, 'the next use renews it'],
  ] as const)('says %s', (state, login, words) => {
    const status = statusOf(key, login, now)
    expect(status.state).toBe(state)
    expect(statusText(status, now)).toContain(words)
  })

  it('escapes what a file holds', () => {
    const status = statusOf(
      { issuer: 'https://x.test/\u001b[2J', clientId: '\u202ecb' },
      { refreshToken: 'rt', tokens: {} },
      now,
    )
    expect(statusText(status, now)).toMatch(/^[^\u001b\u202e]*$/)
  })

  it('exits 3 only when a login was named and a person has to log in', async () => {
    const { env } = home()
    expect((await run(['status'], { env })).code).toBe(0)
    expect((await run(['status', key.issuer], { env })).code).toBe(3)
    await store(env, key, {
      refreshToken: 'rt',
      tokens: {},
      refused: { at: systemClock.now(), code: 'invalid_grant', times: 1 },
    })
    expect((await run(['status'], { env })).code).toBe(0)
    const named = await run(['status', key.issuer, '--json'], { env })
    expect(named.code).toBe(3)
    expect(JSON.parse(named.stdout())).toMatchObject([
      { issuer: key.issuer, state: 'login_required', refresh_token: true },
    ])
    expect(named.stdout()).not.toContain('"rt"')
  })
})

describe('auth paths and dumps', () => {
  it('print JSON for programs', async () => {
    const { env, tokens } = home()
    privateFile(tokens, pythonTokens(key.issuer, 'script', 'rt'))
    expect(JSON.parse((await run(['paths', '--json'], { env })).stdout())).toMatchObject({
      auth_config: { exists: false, mode: null },
      refresh_tokens: { path: tokens, exists: true, mode: '600', size: statSync(tokens).size },
    })
    const dumped: unknown = JSON.parse((await run(['token-dump', '--json'], { env })).stdout())
    expect(dumped).toMatchObject({ [key.issuer]: { script: { refresh_token: '<redacted>' } } })
  })

  it('name a file that does not exist, and fail', async () => {
    const { env, config } = home()
    const { code, stdout, stderr } = await run(['config'], { env })
    expect([code, stderr()]).toEqual([1, `auth: There is no file ${config}.\n`])
    expect(stdout()).toMatch(/^### .*\n$/)
  })
})
