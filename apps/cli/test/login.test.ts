import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Exchange, type Provider, provider, scriptedIssuer } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isApart } from '../src/login/replaced.ts'
import type { FakeIoOptions } from './support/fake-io.ts'
import { type Home, home } from './support/home.ts'
import { type Ran, run } from './support/openeo.ts'
import { browserAt, deviceAt } from './support/person.ts'
import { store } from './support/stored.ts'

let issuer: Provider

beforeAll(async () => {
  issuer = await provider({ path: '/realms/demo', accessTokenTtl: 300 })
})
afterAll(() => issuer.close())

const login = (...words: readonly string[]): readonly string[] => ['login', issuer.issuer, ...words]

/** Logs in by browser, which takes no time. */
const byBrowser = (at: Home, words: readonly string[], more: FakeIoOptions = {}): Promise<Ran> =>
  run(at, [...words, '--browser=firefox'], { loginTerminal: browserAt(issuer), ...more })

const tokenOf = async (at: Home, ...words: readonly string[]): Promise<string> =>
  (await run(at, ['token', ...words])).stdout().trim()

describe('auth login', () => {
  it('by browser says where, opens it, and who is logged in; stdout stays empty', async () => {
    const at = home()
    const loginTerminal = browserAt(issuer)
    const { code, stdout, stderr } = await run(at, login('--client-id=browser'), {
      loginTerminal,
      env: { DISPLAY: ':0' },
    })
    expect([code, stdout()]).toEqual([0, ''])
    const [first, ...lines] = stderr().trimEnd().split('\n')
    expect(first).toBe('By browser. Otherwise: --method device or paste.')
    expect(loginTerminal?.opened).toEqual([
      expect.stringMatching(/&redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A\d+%2Fcallback&/),
    ])
    expect(lines).toContain(loginTerminal?.opened[0])
    expect(lines.slice(-2)).toEqual([
      `Logged in at ${issuer.issuer} as marie (client browser).`,
      `It stays until you log out. A fresh token: auth token ${issuer.issuer}`,
    ])
    expect(issuer.verify(await tokenOf(at))).toMatchObject({ login: 'marie', clientId: 'browser' })
  })

  it('by device says why, where nobody said how; as JSON it gives the login', async () => {
    const at = home()
    const { code, stdout, stderr } = await run(at, login('--client-id=script', '--json'), {}, deviceAt(issuer))
    expect([code, stderr()]).toEqual([
      0,
      expect.stringMatching(/^By device, because there is no display\. Otherwise: --method browser or paste\.\n/),
    ])
    expect(JSON.parse(stdout())).toEqual({
      issuer: issuer.issuer,
      client_id: 'script',
      subject: 'marie',
      scope: expect.stringContaining('offline_access'),
      refresh_token: true,
      expires_at: expect.stringMatching(/Z$/),
    })
  })

  it('takes the only client that has a login there', async () => {
    const at = home()
    await byBrowser(at, login('--client-id=browser', '--account=work'))
    const again = await byBrowser(at, login())
    expect([again.code, again.stderr()]).toEqual([0, expect.stringContaining('as marie (client browser).')])
    expect((await run(at, ['status', '--json'])).stdout()).toMatch(/"account": null[^]*"account": "work"/)
  })

  it('asks at the ports of the client alone, in their order', async () => {
    const taken = await scriptedIssuer([])
    onTestFinished(() => taken.close())
    const { port } = new URL(taken.issuer)
    const { code, stderr } = await run(home(), login('--client-id=browser', '--method=browser', `--port=${port}`))
    expect([code, stderr()]).toEqual([1, expect.stringContaining(`None of the ports ${port} of this machine is free`)])
  })
})

describe('what a login says to type next', () => {
  const next = ({ stderr }: Ran): string => / A fresh token: auth (.*)\n$/.exec(stderr())?.[1] ?? ''

  it('is what prints its token, with as few options as that needs', async () => {
    const at = home()
    const made = async (token: string, clientId: string): Promise<void> => {
      const words = login(`--client-id=${clientId}`, ...(token.includes('--account') ? ['--account=work'] : []))
      const byDevice = (): Promise<Ran> => run(at, [...words, '--method=device'], {}, deviceAt(issuer))
      expect(next(await (clientId === 'script' ? byDevice() : byBrowser(at, words)))).toBe(token)
      expect(issuer.verify(await tokenOf(at, ...token.split(' ').slice(1)))).toMatchObject({ clientId })
    }
    await made(`token ${issuer.issuer}`, 'browser')
    await made(`token ${issuer.issuer} --client-id script`, 'script')
    await made(`token ${issuer.issuer} --client-id browser`, 'browser')
    await made(`token ${issuer.issuer} --account work`, 'browser')
  })

  it('names the account alone where one client has several', async () => {
    const at = home()
    await byBrowser(at, login('--client-id=browser'))
    const ran = await byBrowser(at, login('--client-id=browser', '--account=my work'))
    expect(next(ran)).toBe(`token ${issuer.issuer} --account 'my work'`)
  })

  it('names the file of the secret', async () => {
    const at = home()
    const file = join(at.path, 'secret')
    writeFileSync(file, `${issuer.clientSecret}\n`, { mode: 0o600 })
    const ran = await run(
      at,
      login('--client-id=basic', '--method=device', `--client-secret-file=${file}`),
      {},
      deviceAt(issuer),
    )
    expect(next(ran)).toBe(`token ${issuer.issuer} --client-secret-file ${file}`)
  })

  it('promises no more of a login without offline_access than its issuer does', async () => {
    const device = { device_code: 'd', user_code: 'A', verification_uri: 'https://issuer.test/', interval: 1 }
    const set = { access_token: 'at', token_type: 'Bearer', expires_in: 300, refresh_token: 'rt', scope: 'read' }
    const at = await scriptedIssuer([
      { request: 'POST /device_authorization', reply: { body: device } },
      { request: 'POST /token', reply: { body: set } },
    ])
    onTestFinished(() => at.close())
    const words = ['login', at.issuer, '--client-id=c', '--method=device', '--scope=read']
    const { stderr } = await run(home(), words)
    expect(stderr()).toContain(
      'It stays until its session at the issuer ends, perhaps with the one of your browser. A fresh',
    )
  })
})

describe('auth login --no-store', () => {
  it('prints the access token alone, asks for no login that lasts, and keeps nothing', async () => {
    const at = home()
    const { code, stdout, stderr } = await byBrowser(at, login('--client-id=browser', '--no-store'))
    expect([code, stdout()]).toEqual([0, expect.stringMatching(/^\S+\n$/)])
    expect(issuer.verify(stdout().trim())).toMatchObject({ login: 'marie', scope: 'openid' })
    expect(stderr()).not.toContain('Logged in')
    expect((await run(at, ['status', '--json'])).stdout()).toBe('[]\n')
  })

  it('says that a refresh token was thrown away; as JSON it gives all that came', async () => {
    const words = login('--client-id=browser', '--no-store', '--scope=openid offline_access')
    const plain = await byBrowser(home(), words)
    expect(plain.stderr()).toContain('A refresh token came too and is thrown away')
    const { stdout, stderr } = await byBrowser(home(), [...words, '--json'])
    expect(JSON.parse(stdout())).toMatchObject({
      token_type: 'Bearer',
      refresh_token: expect.any(String),
      id_token: expect.any(String),
    })
    expect(stderr()).not.toContain('thrown away')
  })
})

describe('auth login without a name', () => {
  it('lists the names where nobody can choose', async () => {
    const { code, stdout, stderr } = await run(home(), ['login'])
    expect([code, stderr()]).toEqual([0, ''])
    expect(stdout()).toMatch(/^ {2}cdse +Copernicus Data Space Ecosystem$/m)
    expect(
      stdout()
        .split('\n')
        .every((line) => line.length <= 80),
    ).toBe(true)
    expect((await run(home(), ['login', '--client-id=x'])).code).toBe(2)
  })

  it.each(['16', 'MINE', 'iam\n127.0.0.1:1', '99\n127.0.0.1:1'])(
    'lets a person at a terminal choose by %j: a number, a name, a kind of server or an address',
    async (input) => {
      const at = home()
      const mine = { name: 'mine', title: 'Mine', issuer: 'http://127.0.0.1:1', scope: 'openid', pkce: true }
      mkdirSync(join(at.path, '.config', 'latchkey'))
      writeFileSync(join(at.path, '.config', 'latchkey', 'issuers.json'), JSON.stringify([mine]))
      const ran = await run(at, ['login', '--client-id=x'], { terminal: true, input: `${input}\n` })
      expect([ran.code, ran.stdout(), ran.stderr()]).toEqual([4, '', expect.stringMatching(/auth: .*127\.0\.0\.1:1/)])
      expect(ran.stderr()).toMatch(/^Where do you want to log in\?\n\n {3}1 {2}apex [^]*\n {2}16 {2}mine +Mine\n/)
    },
  )

  it('ends with usage where the person chooses nothing', async () => {
    const { code, stderr } = await run(home(), ['login'], { terminal: true, input: '\n' })
    expect([code, stderr()]).toEqual([2, expect.stringContaining('auth: Nothing was chosen.')])
  })

  it('asks for the client id that nothing says', async () => {
    const at = home()
    const ran = await byBrowser(at, login(), { terminal: true, input: 'browser\n' })
    expect([ran.code, ran.stderr()]).toEqual([0, expect.stringContaining(`Client id at ${issuer.issuer}: `)])
  })
})

describe('a login in the place of another', () => {
  const jwt = (claims: object): string =>
    `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`
  const one = jwt({ sid: 'one', jti: '1' })

  it.each([
    ['another session', one, jwt({ sid: 'two', jti: '2' }), true],
    ['the same session, which one token ends for both', one, jwt({ sid: 'one', jti: '2' }), false],
    ['tokens of no session, each for itself', jwt({ jti: '1' }), jwt({ jti: '2' }), true],
    ['tokens that do not tell', 'opaque', 'other', false],
    ['one that does not tell', one, 'opaque', false],
  ])('is apart from it: %s', (_, before, after, apart) => {
    expect(isApart(before, after)).toBe(apart)
  })

  it('says nothing of an old one that the issuer has refused', async () => {
    const two = { device_code: 'd', user_code: 'A', verification_uri: 'https://i.test/', interval: 1 }
    const set = { access_token: 'a', token_type: 'Bearer', expires_in: 60, refresh_token: jwt({ sid: 'two' }) }
    const scripted = await scriptedIssuer([
      { request: 'POST /device_authorization', reply: { body: two } },
      { request: 'POST /token', reply: { body: set } },
    ])
    onTestFinished(() => scripted.close())
    const at = home()
    const refused = { at: Date.now(), code: 'invalid_grant', times: 1 }
    const key = { issuer: scripted.issuer, clientId: 'script' }
    await store(at.env, key, { refreshToken: one, tokens: {}, refused })
    const { code, stderr } = await run(at, ['login', scripted.issuer, '--scope=offline_access'])
    expect([code, stderr()]).toEqual([0, expect.not.stringContaining('The login before it')])
    expect(scripted.received('/revoke')).toEqual([])
  })

  it('revokes the old one after the new one is stored, and says so', async () => {
    const device = {
      device_code: 'd',
      user_code: 'A',
      verification_uri: 'https://i.test/',
      expires_in: 600,
      interval: 1,
    }
    const two = jwt({ sid: 'two' })
    const at = home()
    const stored: string[] = []
    const rows: Exchange[] = [one, two].flatMap((refresh) => [
      { request: 'POST /device_authorization', reply: { body: device } },
      {
        request: 'POST /token',
        reply: { body: { access_token: 'a', token_type: 'Bearer', expires_in: 60, refresh_token: refresh } },
      },
    ])
    const revoke: Exchange = {
      request: 'POST /revoke',
      form: { token: one },
      reply: () => {
        stored.push(readFileSync(at.tokens, 'utf8'))
        return { status: 200 }
      },
    }
    const scripted = await scriptedIssuer([...rows, revoke])
    onTestFinished(() => scripted.close())
    const words = ['login', scripted.issuer, '--client-id=script', '--scope=offline_access']
    expect((await run(at, words)).stderr()).not.toContain('revoked')
    expect((await run(at, words)).stderr()).toContain('The login before it is revoked.\n')
    expect(stored).toEqual([expect.stringContaining(two)])
    expect(scripted.unexpected).toEqual([])
  })
})
