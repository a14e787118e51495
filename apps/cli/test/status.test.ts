import type { Login } from '@latchkey/core'
import { type Exchange, provider, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { statusOf } from '../src/status/login-status.ts'
import { statusTable } from '../src/status/table.ts'
import { styleOf } from '../src/terminal/style.ts'
import { fakeIo } from './support/fake-io.ts'
import { home, privateFile, pythonTokens } from './support/home.ts'
import { run } from './support/openeo.ts'
import { store, storedToken } from './support/stored.ts'

const now = Date.UTC(2026, 0, 1)
const good = storedToken('at', { receivedAt: now - 60_000, expiresAt: now + 240_000 })
const old = { ...good, expiresAt: now - 1 }
const refused = { at: now - 300_000, code: 'invalid_grant', times: 1 }

const logins: readonly (readonly [issuer: string, clientId: string, login: Login, account?: string])[] = [
  [
    'https://identity.dataspace.copernicus.eu/auth/realms/CDSE',
    'sh-b1c3a958-52d4-40fe-a333-153595d1c71e',
    { refreshToken: 'r', tokens: { '': good } },
  ],
  [
    'https://aai.egi.eu/auth/realms/egi/',
    'my-own-client-with-a-long-name',
    { refreshToken: 'r', tokens: { '': old }, failed: { at: now - 90_000, code: 'DISCOVERY_FAILED', variant: '' } },
  ],
  ['https://iam.example.org', 'a', { refreshToken: 'r', tokens: { '': old }, refused }],
  ['https://iam.example.org', 'b', { refreshToken: 'r', tokens: {}, refused: { ...refused, times: 9 } }, 'work'],
  ['https://iam.example.org/a/path/that/is/so/long/that/nobody/reads/it', 'c', { tokens: { '': old } }],
  ['https://iam.example.org', 'd', { refreshToken: 'r', tokens: {} }],
  ['https://x.test/\u001b[2J', '\u202ecb', { tokens: { '': good } }],
]

const statuses = logins.map(([issuer, clientId, login, account]) =>
  statusOf({ issuer, clientId, ...(account !== undefined && { account }) }, login, now),
)

describe('the table of logins', () => {
  it('has a line for each, in 80 columns, with what is left and what will come', async () => {
    const lines = statusTable(statuses, now, await styleOf(1, fakeIo()))
      .trimEnd()
      .split('\n')
    expect(lines.every((line) => line.length <= 80)).toBe(true)
    expect(lines.map((line) => line.replaceAll(/ {2,}/g, '  '))).toEqual([
      '  LOGIN  CLIENT  ACCOUNT  ACCESS TOKEN  REFRESH',
      expect.stringMatching(/^\+ cdse  sh-\S*c71e  -  ####\. 4 min  renews itself$/),
      expect.stringMatching(/^! egi  my-\S*ame  -  expired  DISCOVERY_FAILED 90 s ago$/),
      expect.stringMatching(/^! iam\.\S*org  a  -  expired  refused, tries again$/),
      expect.stringMatching(/^x iam\.\S*org  b  work  none  refused 5 min ago$/),
      expect.stringMatching(/^x iam\.\S*\.\.\S*it  c  -  expired  log in again$/),
      expect.stringMatching(/^- iam\.\S*org  d  -  none  renews itself$/),
      expect.stringMatching(/^\+ x\.\S+  \S*cb  -  ####\. 4 min  ends with its token$/),
    ])
  })

  it('is coloured at a terminal alone, and not where nobody wants that', async () => {
    const table = async (terminal: boolean, env: Readonly<Record<string, string>>): Promise<string> =>
      statusTable(statuses.slice(0, 1), now, await styleOf(1, fakeIo({ terminal, env })))
    expect(await table(true, { LANG: 'C.UTF-8' })).toMatch(/\n\u001b\[32m✓\u001b\[39m cdse .*████░ 4 min/)
    expect(await table(true, { LANG: 'C.UTF-8', NO_COLOR: '1' })).toMatch(/\n✓ cdse .*████░/)
    expect(await table(true, { LANG: 'C' })).toMatch(/\u001b\[32m\+\u001b/)
    expect(await table(true, { TERM: 'dumb', LANG: 'C.UTF-8' })).toMatch(/\n\+ cdse .*####\./)
    expect(await table(false, { LANG: 'C.UTF-8' })).toMatch(/\n\+ cdse /)
  })

  it('is data; what to type for those that have ended is not', async () => {
    const { env } = home()
    await store(
      env,
      { issuer: 'https://iam.example.org', clientId: 'script' },
      { tokens: { '': { ...old, receivedAt: 0 } } },
    )
    const { code, stdout, stderr } = await run({ env } as never, ['status'])
    expect([code, stdout()]).toEqual([0, expect.stringMatching(/^ {2}LOGIN .*\nx iam\.example\.org .*\n$/)])
    expect(stderr()).toBe('\nTo log in again:\n  auth login https://iam.example.org --client-id script\n')
  })
})

const key = (issuer: string): { readonly issuer: string; readonly clientId: string } => ({ issuer, clientId: 'script' })
const fresh = (): Login => ({ refreshToken: 'rt', subject: 'marie', tokens: { '': storedToken('at') } })

describe('auth status --check', () => {
  it.each([
    [
      'a confidential client asks about the refresh token',
      { LATCHKEY_CLIENT_SECRET: 's' },
      [{ request: 'POST /introspect', form: { token: 'rt' }, reply: { body: { active: true } } }],
      0,
      { result: 'good', by: 'introspection' },
    ],
    [
      'a refresh token that is worth nothing',
      { LATCHKEY_CLIENT_SECRET: 's' },
      [{ request: 'POST /introspect', reply: { body: { active: false } } }],
      3,
      { result: 'refused', by: 'introspection' },
    ],
    [
      'a public client asks with its access token',
      {},
      [{ request: 'GET /userinfo', reply: { body: { sub: 'marie' } } }],
      0,
      { result: 'good', by: 'userinfo' },
    ],
    [
      'a client that may not introspect asks with its access token',
      { LATCHKEY_CLIENT_SECRET: 's' },
      [
        { request: 'POST /introspect', reply: { status: 403, body: { error: 'access_denied' } } },
        { request: 'GET /userinfo', reply: { body: { sub: 'marie' } } },
      ],
      0,
      { result: 'good', by: 'userinfo' },
    ],
    [
      'a refused access token is renewed',
      {},
      [
        {
          request: 'GET /userinfo',
          reply: { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' }, body: '' },
        },
        { request: 'POST /token', reply: { body: { access_token: 'new', token_type: 'Bearer', expires_in: 60 } } },
      ],
      0,
      { result: 'good', by: 'renewal' },
    ],
    [
      'a login that has ended',
      {},
      [
        {
          request: 'GET /userinfo',
          reply: { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' }, body: '' },
        },
        { request: 'POST /token', reply: { status: 400, body: { error: 'invalid_grant' } } },
      ],
      3,
      { result: 'refused', by: 'nobody', reason: 'LOGIN_REQUIRED' },
    ],
    [
      'an issuer out of order',
      {},
      [{ request: 'GET /userinfo', times: 9, reply: { status: 503, body: '' } }],
      4,
      { result: 'unknown', reason: 'SERVER_ERROR' },
    ],
  ] as const satisfies readonly (readonly [string, object, readonly Exchange[], number, object])[])(
    '%s',
    async (...[_, env, rows, code, checked]) => {
      const at = home()
      const issuer = await scriptedIssuer(rows)
      onTestFinished(() => issuer.close())
      await store(at.env, key(issuer.issuer), fresh())
      const ran = await run(at, ['status', '--check', '--json'], { env })
      expect([ran.code, JSON.parse(ran.stdout())]).toEqual([
        code,
        [expect.objectContaining({ checked: expect.objectContaining(checked) })],
      ])
      expect(issuer.unexpected).toEqual([])
      expect(issuer.left.filter((row) => row !== 'GET /userinfo')).toEqual([])
    },
  )

  it('renews nothing that is good, at a provider that rotates', async () => {
    const issuer = await provider({ accessTokenTtl: 300 })
    onTestFinished(() => issuer.close())
    const at = home()
    const { refreshToken } = await issuer.issue()
    privateFile(at.tokens, pythonTokens(issuer.issuer, 'script', refreshToken))
    const first = await run(at, ['status', issuer.issuer, '--check'])
    expect([first.code, first.stdout()]).toEqual([
      0,
      expect.stringContaining('good: the issuer says so, by renewing the access token'),
    ])
    const second = await run(at, ['status', issuer.issuer, '--check'])
    expect(second.stdout()).toContain('good: the issuer says so, about the access token')
    expect((await run(at, ['status', '--check'])).stdout()).toContain('the issuer says: good')
  })

  it('leaves a login bound to a key to its own program', async () => {
    const at = home()
    await store(at.env, key('http://127.0.0.1:1'), {
      refreshToken: 'rt',
      tokens: { '': storedToken('at', { tokenType: 'DPoP' }) },
    })
    const { code, stdout } = await run(at, ['status', '127.0.0.1:1', '--check'])
    expect([code, stdout()]).toEqual([0, expect.stringContaining('bound to a key (DPoP)')])
  })
})
