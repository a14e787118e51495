import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authConfig } from '@latchkey/file-store'
import { type OpeneoBackend, type OpeneoOptions, openeoBackend, type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { main } from '../src/main.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './support/fake-io.ts'
import { type Home, home } from './support/home.ts'

let issuer: Provider
const device = 'urn:ietf:params:oauth:grant-type:device_code+pkce'

beforeAll(async () => {
  issuer = await provider({ path: '/realms/demo' })
})
afterAll(() => issuer.close())

const listed = (id: string, more: object = {}): NonNullable<OpeneoOptions['providers']>[number] => ({
  id,
  issuer: `${issuer.issuer}/`,
  title: `Title of ${id}`,
  scopes: ['openid'],
  default_clients: [{ id: 'script', grant_types: [device, 'refresh_token'] }],
  ...more,
})

type Finished = TestContext['onTestFinished']

async function backendWith(options: OpeneoOptions = {}, finished: Finished = onTestFinished): Promise<OpeneoBackend> {
  const backend = await openeoBackend({ providers: [listed('demo')], verify: issuer.verify, ...options })
  finished(() => backend.close())
  return backend
}

async function run(
  at: Home,
  words: readonly string[],
  more: FakeIoOptions = {},
  watch?: (io: FakeIo) => void,
): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo({ ...more, env: { ...at.env, ...more.env } })
  watch?.(io)
  return { ...io, code: await main(words, io) }
}

/** Approves a login as a person does, once its address stands on stdout. */
const approving =
  (finished: Finished, by = issuer) =>
  (io: FakeIo): void => {
    const timer = setInterval(() => {
      const [, code] = /user_code=([A-Z-]+)/.exec(io.stdout()) ?? []
      if (code === undefined) return
      clearInterval(timer)
      void by.approve(code)
    }, 20)
    finished(() => clearInterval(timer))
  }

const backendsIn = (at: Home): Record<string, { basic?: object; oidc?: { providers: Record<string, object> } }> =>
  (JSON.parse(readFileSync(at.config, 'utf8')) as { backends: Record<string, object> }).backends

describe('auth add-basic', () => {
  it('asks for user and password, tries them, and saves them', async () => {
    const at = home()
    const { url } = await backendWith()
    const done = await run(at, ['add-basic', url], { terminal: true, input: 'john\nj0hn123\n' })
    expect([done.code, done.stderr(), done.hidden()]).toEqual([
      0,
      'Enter username and press enter: ',
      ['Enter password and press enter: '],
    ])
    expect(done.stdout()).toBe(
      `Will add basic auth config for backend URL '${url}'\nto config file: '${at.config}'\nUsing username 'john'\n` +
        `Trying to authenticate with '${url}'\nSuccessfully authenticated 'john'\nSaved credentials to '${at.config}'\n`,
    )
    expect(backendsIn(at)[url]?.basic).toMatchObject({ username: 'john', password: 'j0hn123' })
  })

  it('saves nothing that the back-end refuses', async () => {
    const at = home()
    const { url } = await backendWith()
    const refused = await run(at, ['add-basic', url], { terminal: true, input: 'john\nwrong-pw\n' })
    expect(refused.code).not.toBe(0)
    expect(refused.stderr()).toMatch(/auth: [^\n]*CredentialsInvalid[^\n]*\n$/)
    expect(refused.stdout() + refused.stderr()).not.toContain('wrong-pw')
    expect(existsSync(at.config)).toBe(false)
  })

  it.each([
    ['--password-stdin', 'j0hn123\n', {}],
    ['--password-file=-', 'j0hn123', {}],
    ['--password-file=FILE', undefined, {}],
    ['--no-try', undefined, { LATCHKEY_PASSWORD: 'j0hn123' }],
    ['--no-try', 'j0hn123\n', {}],
  ])('takes the password from %s, stdin %j or %j without a terminal', async (option, input, env) => {
    const at = home()
    const { url } = await backendWith()
    const file = join(at.path, 'password')
    writeFileSync(file, 'j0hn123\n')
    const words = ['add-basic', url, '--username=john', option.replace('FILE', file)]
    const done = await run(at, words, { env, ...(input !== undefined && { input }) })
    expect([done.code, done.stderr(), done.hidden()]).toEqual([0, '', []])
    expect(backendsIn(at)[url]?.basic).toMatchObject({ username: 'john', password: 'j0hn123' })
  })

  it.each([
    [[], '', 'add --username U'],
    [['--username=john'], '', 'add --password-file FILE or --password-stdin, or set LATCHKEY_PASSWORD'],
    [['--username=john'], '\n', 'The password is empty'],
    [['--password-stdin'], 'j0hn123\n', 'give the user with --username'],
    [['--password=x'], '', 'Put the password into a file (--password-file FILE'],
    [['--password-stdin', '--password-file=x'], '', 'contradict'],
  ])('with %j and stdin %j says what is missing', async (words, input, message) => {
    const at = home()
    const { url } = await backendWith()
    const { code, stderr } = await run(at, ['add-basic', url, ...words], { input })
    expect([code, stderr()]).toEqual([2, expect.stringContaining(message)])
    expect(existsSync(at.config)).toBe(false)
  })
})

describe('auth add-oidc', () => {
  const two = (): OpeneoOptions => ({ providers: [listed('one'), listed('two', { default_clients: [] })] })

  it('lets a person choose the provider, and asks for client and secret', async () => {
    const at = home()
    const { url } = await backendWith(two())
    const input = '0\n-1\ntwo\n3\n2\n mine \ns3cret\n'
    const done = await run(at, ['add-oidc', url], { terminal: true, input })
    expect(done.code).toBe(0)
    expect(done.stdout()).toBe(
      `Will add OpenID Connect auth config for backend URL '${url}'\nto config file: '${at.config}'\n` +
        `Backend '${url}' has multiple OpenID Connect providers.\n` +
        `[1] Title of one (issuer ${issuer.issuer}/)\n[2] Title of two (issuer ${issuer.issuer}/)\n` +
        `Using provider ID 'two' (issuer '${issuer.issuer}/')\nUsing client ID 'mine'\n` +
        `Saved client information to '${at.config}'\n`,
    )
    expect(done.stderr().match(/Enter a number from 1 to 2\./g)).toHaveLength(4)
    expect(done.stderr()).toContain('Enter client_id and press enter: ')
    expect(done.hidden()).toEqual(['Enter client_secret or leave empty to not use a secret, and press enter: '])
    expect(backendsIn(at)[url]?.oidc?.providers).toEqual({
      two: { date: expect.any(String), client_id: 'mine', client_secret: 's3cret', issuer: `${issuer.issuer}/` },
    })
  })

  it.each([
    [['--use-default-client'], '', null, null],
    [['--client-id=c', '--no-client-secret'], '', 'c', null],
    [['--client-id=c'], '\n', 'c', null],
    [['--client-id=c'], 'pw\n', 'c', 'pw'],
    [['--client-id=c', '--client-secret-file=-'], 'pw', 'c', 'pw'],
    [[], '\n', null, null],
    [[], 'c\npw\n', 'c', 'pw'],
  ])('with %j and stdin %j stores client %j with secret %j', async (words, input, clientId, secret) => {
    const at = home()
    const { url } = await backendWith(two())
    const done = await run(at, ['add-oidc', url, '--provider-id', 'one', ...words], { input })
    expect([done.code, done.stderr()]).toEqual([0, ''])
    const stored = backendsIn(at)[url]?.oidc?.providers['one']
    expect(stored).toMatchObject({ client_id: clientId, client_secret: secret })
  })

  it('takes the secret of the environment where it is meant for this client', async () => {
    const at = home()
    const { url } = await backendWith()
    const env = { LATCHKEY_CLIENT_SECRET: 'from-env', LATCHKEY_CLIENT_ID: 'c' }
    expect((await run(at, ['add-oidc', url, '--client-id=c'], { env })).code).toBe(0)
    expect(backendsIn(at)[url]?.oidc?.providers['demo']).toMatchObject({ client_secret: 'from-env' })
  })

  it.each([
    [[], '', 'Say which with --provider-id one or two.'],
    [[], 'x\n'.repeat(10), 'Failed to pick valid option. Say which'],
    [['--provider-id=three'], '', "Invalid provider ID 'three'. Should be one of ['one', 'two']."],
    [['--provider-id=one'], '', 'add --client-id ID or --use-default-client.'],
    [['--provider-id=two'], '', 'add --client-id ID.'],
    [['--provider-id=two', '--client-id=c'], '', '--client-secret-file FILE'],
    [['--provider-id=two', '--client-secret=c'], '', 'would show a secret'],
  ])('with %j and stdin %j says what is missing', async (words, input, message) => {
    const at = home()
    const { url } = await backendWith(two())
    const { code, stderr } = await run(at, ['add-oidc', url, ...words], { input })
    expect([code, stderr()]).toEqual([2, expect.stringContaining(message)])
    expect(existsSync(at.config)).toBe(false)
  })

  it('escapes what the back-end writes', async () => {
    const bad = listed('bad', { title: 'a\u001b[2Jb' })
    const { url } = await backendWith({ providers: [bad, listed('other')] })
    const { stdout } = await run(home(), ['add-oidc', url], { input: '1\n' })
    expect(stdout()).toContain('[1] a\\u001b[2Jb (issuer')
  })

  it('of a back-end without providers fails', async () => {
    const { url } = await backendWith({ providers: [] })
    const { code, stderr } = await run(home(), ['add-oidc', url])
    expect([code, stderr()]).toEqual([1, `auth: No OpenID Connect providers listed by backend '${url}'.\n`])
  })
})

describe.concurrent('auth oidc-auth', () => {
  it('logs in at the provider of the back-end; token, header, status and logout then take its address', async ({
    expect,
    onTestFinished,
  }) => {
    const at = home(onTestFinished)
    const { url } = await backendWith({}, onTestFinished)
    const done = await run(at, ['oidc-auth', url], {}, approving(onTestFinished))
    const lines = done.stdout().split('\n')
    expect([done.code, lines.filter((line) => !line.startsWith('Visit '))]).toEqual([
      0,
      [
        `Will do OpenID Connect flow to authenticate with backend '${url}'.`,
        `Using config '${at.config}'.`,
        'Will try to use default provider_id.',
        'Using provider ID None.',
        'Will try to use default client.',
        'Starting OpenID Connect device flow.',
        'The OpenID Connect device flow was successful.',
        `Stored refresh token in '${at.tokens}'`,
        '',
      ],
    ])
    expect(lines.filter((line) => /^Visit http\S+ to authenticate\.$/.test(line))).toHaveLength(1)
    expect(done.stderr()).toContain("Client 'script': default client of provider 'demo'")
    expect(done.stderr()).toMatch(/^Waiting for the approval, \d+ min left\. Ctrl-C ends it\.$/m)
    const token = (await run(at, ['token', url])).stdout()
    expect(issuer.verify(token.trim())).toMatchObject({ clientId: 'script' })
    expect((await run(at, ['token', issuer.issuer])).stdout()).toBe(token)
    expect((await run(at, ['header', url])).stdout()).toBe(`Authorization: Bearer oidc/demo/${token}`)
    expect((await run(at, ['header', issuer.issuer])).stdout()).toBe(`Authorization: Bearer ${token}`)
    expect((await run(at, ['status', url])).stdout()).toContain(issuer.issuer)
    expect((await run(at, ['logout', url])).stderr()).toContain('the issuer confirmed')
    const after = await run(at, ['token', url])
    expect([after.code, after.stderr()]).toEqual([3, expect.stringContaining(`Log in with: auth oidc-auth ${url}\n`)])
  })

  it('sends the bare token where the back-end takes that', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    const { url } = await backendWith({ jwt: 'listed' }, onTestFinished)
    expect((await run(at, ['oidc-auth', url], {}, approving(onTestFinished))).code).toBe(0)
    const token = (await run(at, ['token', url])).stdout()
    expect((await run(at, ['header', url])).stdout()).toBe(`Authorization: Bearer ${token}`)
  })

  it('uses the configured provider and client, and asks which of several', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    const { url } = await backendWith({ providers: [listed('one'), listed('two')] }, onTestFinished)
    const config = authConfig({ env: at.env })
    const client = { clientId: 'post', clientSecret: issuer.clientSecret, issuer: issuer.issuer }
    await config.setOidcClient(url, 'two', client)
    const done = await run(at, ['oidc-auth', url], {}, approving(onTestFinished))
    const said = "Using provider ID 'two'.\nUsing client ID 'post'.\n"
    expect([done.code, done.stdout()]).toEqual([0, expect.stringContaining(said)])
    await config.setOidcClient(url, 'one', { issuer: issuer.issuer })
    const asked = await run(at, ['oidc-auth', url, '--timeout=0'], { input: '1\n' })
    expect(asked.stdout()).toContain(
      `Multiple OpenID Connect providers available for backend '${url}'\n[1] one: issuer ${issuer.issuer}\n[2] two: issuer ${issuer.issuer}\n` +
        "Choose one (enter index): Using provider ID 'one'.\nWill try to use default client.\n",
    )
  })

  it('takes a provider that is not configured', async ({ expect, onTestFinished }) => {
    const { url } = await backendWith({ providers: [listed('one'), listed('two')] }, onTestFinished)
    const words = ['oidc-auth', url, '--provider-id=two']
    const done = await run(home(onTestFinished), words, {}, approving(onTestFinished))
    expect([done.code, done.stderr()]).toEqual([0, expect.stringContaining("Provider 'two'")])
    const wrong = await run(home(onTestFinished), ['oidc-auth', url, '--provider-id=three'])
    expect([wrong.code, wrong.stderr()]).toEqual([1, expect.stringContaining("'three' not available")])
  })

  it('says so where no refresh token came, and where the Python client would not take the client', async ({
    expect,
    onTestFinished,
  }) => {
    const never = await provider({ refreshTokens: 'never' })
    onTestFinished(() => never.close())
    const at = home(onTestFinished)
    const own = { issuer: never.issuer, default_clients: [{ id: 'script', grant_types: [device] }] }
    const { url } = await backendWith({ providers: [listed('demo', own)], verify: never.verify }, onTestFinished)
    const done = await run(at, ['oidc-auth', url], {}, approving(onTestFinished, never))
    expect([done.code, done.stdout()]).toEqual([0, expect.stringMatching(/device flow was successful\.\n$/)])
    expect(done.stderr()).toMatch(/^Warning: authenticate_oidc\(\) .*'script'.* will not find this login\.$/m)
    expect(done.stderr()).toMatch(/^Warning: No OIDC refresh token to store\./m)
    expect(never.verify((await run(at, ['token', url])).stdout().trim())).toMatchObject({ clientId: 'script' })
  })

  it.for([
    [['--timeout=1'], 3, 'Nobody approved the login within 1 s.'],
    [['--timeout=soon'], 2, '--timeout is a number of seconds'],
    [['--flow=auth-code'], 1, 'Leave --flow out'],
    [['--flow=other'], 2, '--flow is device or auth-code.'],
  ] as const)('with %j ends with %i', async ([words, expected, message], { expect, onTestFinished }) => {
    const { url } = await backendWith({}, onTestFinished)
    const { code, stderr } = await run(home(onTestFinished), ['oidc-auth', url, ...words])
    expect([code, stderr()]).toEqual([expected, expect.stringContaining(message)])
  })
})

describe('a back-end with a user and password', () => {
  it('gives a token for each use; status and logout say what it is', async () => {
    const at = home()
    const { url } = await backendWith()
    await authConfig({ env: at.env }).setBasic(url, { username: 'john', password: 'j0hn123' })
    const token = (await run(at, ['token', url])).stdout()
    expect(token).toMatch(/^\S+\n$/)
    expect((await run(at, ['header', url])).stdout()).toMatch(/^Authorization: Bearer basic\/\/\S+\n$/)
    expect((await run(at, ['status', url])).stdout()).toContain('john')
    const out = await run(at, ['logout', url])
    expect([out.code, out.stderr()]).toEqual([1, expect.stringContaining(`auth config-remove ${url} --basic`)])
  })
})

it.each([['add-basic'], ['add-oidc'], ['oidc-auth'], ['config-remove']])('auth %s needs a back-end', async (name) => {
  const at = home()
  for (const words of [[], ['https://u:p@x.test'], ['ftp://x.test'], ['a b']]) {
    const { code, stdout, stderr } = await run(at, [name, ...words])
    expect([code, stdout(), stderr()]).toEqual([2, '', expect.stringMatching(/address/)])
    expect(stderr()).not.toContain('u:p')
  }
})

it.each([['add-basic', '--username=u', '--password-stdin'], ['add-oidc'], ['oidc-auth']])(
  'auth %s says in a line that a back-end cannot be reached, and what to do later',
  async (...words) => {
    const { code, stderr } = await run(home(), [...words, 'http://127.0.0.1:1'], { input: 'pw' })
    expect(code).toBe(4)
    expect(stderr()).toMatch(/^auth: [^\n]*127\.0\.0\.1:1[^\n]*\n$/)
  },
)

it('-v before the command shows each request, without what is secret', async () => {
  const at = home()
  const { url } = await backendWith()
  const done = await run(at, ['-v', 'add-basic', url, '--user=john', '--password-stdin'], { input: 'j0hn123' })
  expect([done.code, done.stderr()]).toEqual([
    0,
    expect.stringMatching(/^GET http\S+\/credentials\/basic: 200, \d+ ms$/m),
  ])
  expect(done.stderr()).not.toContain('j0hn123')
})
