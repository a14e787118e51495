import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Provider, provider, scriptedIssuer } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { registrations } from '../src/login/registrations.ts'
import { home } from './support/home.ts'
import { run } from './support/openeo.ts'
import { browserAt } from './support/person.ts'
import { store, storedToken } from './support/stored.ts'

let issuer: Provider

beforeAll(async () => {
  issuer = await provider({ accessTokenTtl: 300 })
})
afterAll(() => issuer.close())

const gone = { issuer: 'http://127.0.0.1:1', clientId: 'script' }

describe('auth logout', () => {
  it('says whether the issuer confirmed, and where the session in the browser is ended', async () => {
    const at = home()
    const { refreshToken } = await issuer.issue()
    await store(at.env, { issuer: issuer.issuer, clientId: 'script' }, { refreshToken, tokens: {} })
    const { code, stdout, stderr } = await run(at, ['logout'])
    expect([code, stdout(), stderr()]).toEqual([
      0,
      '',
      `Logged out client script at ${issuer.issuer}: the login is removed here, and the issuer confirmed that its refresh token is revoked.\n` +
        `Your browser may still be logged in there. To end that too, open: ${issuer.issuer}/session/end?client_id=script\n`,
    ])
  })

  it('--end-session opens that page with the ID token, which is not shown', async () => {
    const at = home()
    const loginTerminal = browserAt(issuer)
    await run(at, ['login', issuer.issuer, '--client-id=browser', '--browser=firefox'], { loginTerminal })
    const opens = browserAt(issuer)
    const { stderr } = await run(at, ['logout', '--end-session'], { loginTerminal: opens })
    expect(opens?.opened).toEqual([expect.stringMatching(/\/session\/end\?client_id=browser&id_token_hint=ey/)])
    expect(stderr()).toContain(`Opening the page that ends it: ${issuer.issuer}/session/end?client_id=browser\n`)
    expect(stderr()).not.toContain('id_token_hint')
  })

  it('--end-session says so where the issuer has no such page', async () => {
    const at = home()
    const scripted = await scriptedIssuer([{ request: 'POST /revoke', reply: { status: 200 } }])
    onTestFinished(() => scripted.close())
    await store(at.env, { issuer: scripted.issuer, clientId: 'script' }, { refreshToken: 'rt', tokens: {} })
    expect((await run(at, ['logout', '--end-session'])).stderr()).toContain('has no page that ends a session')
  })

  it('--all ends every login, or every one at an issuer, whatever fails', async () => {
    const at = home()
    for (const account of ['one', 'two']) {
      const { refreshToken } = await issuer.issue()
      await store(at.env, { issuer: issuer.issuer, clientId: 'script', account }, { refreshToken, tokens: {} })
    }
    await store(at.env, gone, { refreshToken: 'rt', tokens: {} })
    const some = await run(at, ['logout', issuer.issuer, '--all', '--json'])
    const ended = JSON.parse(some.stdout()) as readonly { readonly account: string; readonly confirmed: boolean }[]
    expect(new Map(ended.map(({ account, confirmed }) => [account, confirmed]))).toEqual(
      new Map([
        ['one', true],
        ['two', true],
      ]),
    )
    const rest = await run(at, ['logout', '--all'])
    expect([rest.code, rest.stderr()]).toEqual([
      0,
      expect.stringMatching(/^Logged out .*127\.0\.0\.1:1.* did not confirm .*\n$/),
    ])
    expect((await run(at, ['logout', '--all'])).stderr()).toBe('There is no login to end.\n')
  })

  it.each([
    [
      '401: unauthorized_client',
      401,
      { error: 'unauthorized_client', error_description: 'Invalid client credentials' },
    ],
    ['400: invalid_client', 400, { error: 'invalid_client' }],
  ])(
    'keeps the login where the issuer wants the secret of its client, and says so (%s)',
    async (said, status, body) => {
      const at = home()
      const scripted = await scriptedIssuer([{ request: 'POST /revoke', reply: { status, body }, times: 3 }])
      onTestFinished(() => scripted.close())
      await store(at.env, { issuer: scripted.issuer, clientId: 'secret' }, { refreshToken: 'rt', tokens: {} })
      const ran = await run(at, ['logout'])
      expect([ran.code, ran.stderr()]).toEqual([
        1,
        expect.stringMatching(/^Not logged out client secret at .*: the login stays\. The revocation failed at .*\n$/),
      ])
      expect(ran.stderr()).toContain(said)
      expect(ran.stderr()).toContain('Try again with --client-secret-file FILE, or remove it here alone with --force.')
      const json = await run(at, ['logout', '--json'])
      expect([json.code, JSON.parse(json.stdout())]).toMatchObject([1, { removed: false, reason: 'CONFIG_INVALID' }])
      const forced = await run(at, ['logout', '--force'])
      expect([forced.code, forced.stderr()]).toEqual([
        0,
        expect.stringContaining(`removed here, and the issuer did not`),
      ])
      expect((await run(at, ['status', '--json'])).stdout()).toBe('[]\n')
    },
  )

  it('says why an issuer that is there did not revoke, and ends the login here', async () => {
    const at = home()
    const scripted = await scriptedIssuer([{ request: 'POST /revoke', reply: { status: 503 } }])
    onTestFinished(() => scripted.close())
    await store(at.env, { issuer: scripted.issuer, clientId: 'script' }, { refreshToken: 'rt', tokens: {} })
    const { code, stderr } = await run(at, ['logout'])
    expect([code, stderr()]).toEqual([0, expect.stringMatching(/ is revoked \(SERVER_ERROR: .* with 503: .*\)\.\n$/)])
  })

  it('says of a login without a refresh token that there is nothing to revoke', async () => {
    const at = home()
    await store(at.env, gone, { tokens: { '': storedToken('at') } })
    expect((await run(at, ['logout'])).stderr()).toContain(
      'it had no refresh token, and its access token ends by itself',
    )
  })
})

describe('auth logout --unregister', () => {
  const own = { clientId: 'made', registrationToken: 'rat', redirectUris: [] }

  it.each([
    ['is forgotten where the issuer knows the client no more', 401, 0, false],
    ['is kept where the issuer is out of order', 503, 4, true],
  ])('%s', async (_, status, code, kept) => {
    const at = home()
    const scripted = await scriptedIssuer([{ request: 'DELETE /register/made', times: 9, reply: { status, body: '' } }])
    onTestFinished(() => scripted.close())
    const there = registrations({ env: at.env })
    await there.set(scripted.issuer, { ...own, registrationUri: `${scripted.issuer}/register/made` })
    const ran = await run(at, ['logout', scripted.issuer, '--unregister'])
    expect([ran.code, scripted.received('/register/made')[0]?.headers.authorization]).toEqual([code, 'Bearer rat'])
    expect((await there.get(scripted.issuer)) !== undefined).toBe(kept)
    expect(ran.stderr()).not.toContain('rat\n')
  })

  it('wants an issuer where a client was registered', async () => {
    const at = home()
    for (const words of [
      ['logout', '--unregister'],
      ['logout', '127.0.0.1:1', '--unregister'],
    ]) {
      expect((await run(at, words)).code).toBe(2)
    }
    expect(existsSync(join(dirname(at.tokens), 'latchkey', 'registrations.json'))).toBe(false)
  })
})
