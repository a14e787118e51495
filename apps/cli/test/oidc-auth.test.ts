import { authConfig } from '@latchkey/file-store'
import { type OpeneoBackend, type OpeneoOptions, type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, it, type onTestFinished } from 'vitest'
import { main } from '../src/main.ts'
import { fakeIo } from './support/fake-io.ts'
import { home } from './support/home.ts'
import { approvedBy, backendWith, deviceGrant, listed, run } from './support/openeo.ts'
import { browserAt } from './support/person.ts'

let issuer: Provider

beforeAll(async () => {
  issuer = await provider({ path: '/realms/demo' })
})
afterAll(() => issuer.close())

function backend(options: OpeneoOptions, finished: typeof onTestFinished): Promise<OpeneoBackend> {
  const providers = [listed('demo', `${issuer.issuer}/`)]
  return backendWith({ providers, verify: issuer.verify, ...options }, finished)
}

const codeClient = (redirect: string): object => ({
  default_clients: [
    {
      id: 'browser',
      grant_types: ['authorization_code+pkce', deviceGrant, 'refresh_token'],
      redirect_urls: [redirect],
    },
  ],
})

describe.concurrent('auth oidc-auth --flow auth-code', () => {
  it('logs in with a browser, in the words of the openEO tool', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    const providers = [listed('demo', issuer.issuer, codeClient('http://127.0.0.1/callback'))]
    const { url } = await backend({ providers }, onTestFinished)
    const loginTerminal = { ...browserAt(issuer), env: { BROWSER: 'firefox' } }
    const done = await run(at, ['oidc-auth', url, '--flow', 'auth-code', '--timeout=60'], { loginTerminal })
    expect([done.code, done.stdout().split('\n')]).toEqual([
      0,
      [
        `Will do OpenID Connect flow to authenticate with backend '${url}'.`,
        `Using config '${at.config}'.`,
        'Will try to use default provider_id.',
        'Using provider ID None.',
        'Will try to use default client.',
        'Starting OpenID Connect authorization code flow:',
        'a browser window should open allowing you to log in with the identity provider',
        "and grant access to the client 'browser' (timeout: 60s).",
        'The OpenID Connect authorization code flow was successful.',
        `Stored refresh token in '${at.tokens}'`,
        '',
      ],
    ])
    expect(done.stderr()).toContain(loginTerminal.opened?.[0])
    expect((await run(at, ['header', url])).stdout()).toMatch(/^Authorization: Bearer oidc\/demo\/\S+\n$/)
  })

  it('ends when its time is up', async ({ expect, onTestFinished }) => {
    const providers = [listed('demo', issuer.issuer, codeClient('http://127.0.0.1/callback'))]
    const { url } = await backend({ providers }, onTestFinished)
    const { code, stderr } = await run(home(onTestFinished), ['oidc-auth', url, '--flow=auth-code', '--timeout=1'])
    expect([code, stderr()]).toEqual([3, expect.stringMatching(/auth: Nobody (logged in|came back).*\n$/)])
  })

  it('says so where the client has no address on this machine', async ({ expect, onTestFinished }) => {
    const providers = [listed('demo', issuer.issuer, codeClient('https://editor.example.org/'))]
    const { url } = await backend({ providers }, onTestFinished)
    const { code, stderr } = await run(home(onTestFinished), ['oidc-auth', url, '--flow=auth-code'])
    expect([code, stderr()]).toEqual([
      1,
      expect.stringContaining('no address on this machine to come back to: leave --flow out'),
    ])
  })
})

describe.concurrent('auth oidc-auth', () => {
  it('logs in at the provider of the back-end; token, header, status and logout then take its address', async ({
    expect,
    onTestFinished,
  }) => {
    const at = home(onTestFinished)
    const { url } = await backend({}, onTestFinished)
    const done = await run(at, ['oidc-auth', url], {}, approvedBy(issuer, onTestFinished))
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
    const { url } = await backend({ jwt: 'listed' }, onTestFinished)
    expect((await run(at, ['oidc-auth', url], {}, approvedBy(issuer, onTestFinished))).code).toBe(0)
    const token = (await run(at, ['token', url])).stdout()
    expect((await run(at, ['header', url])).stdout()).toBe(`Authorization: Bearer ${token}`)
  })

  it('uses the configured provider and client, and asks which of several', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    const { url } = await backend(
      { providers: [listed('one', issuer.issuer), listed('two', issuer.issuer)] },
      onTestFinished,
    )
    const config = authConfig({ env: at.env })
    const client = { clientId: 'post', clientSecret: issuer.clientSecret, issuer: issuer.issuer }
    await config.setOidcClient(url, 'two', client)
    const done = await run(at, ['oidc-auth', url], {}, approvedBy(issuer, onTestFinished))
    const said = "Using provider ID 'two'.\nUsing client ID 'post'.\n"
    expect([done.code, done.stdout()]).toEqual([0, expect.stringContaining(said)])
    expect(done.stderr()).toContain('the only one of those listed that is in auth-config.json')
    await config.setOidcClient(url, 'one', { issuer: issuer.issuer })
    const asked = await run(at, ['oidc-auth', url, '--timeout=0'], { input: '1\n' })
    expect(asked.stdout()).toContain(
      `Multiple OpenID Connect providers available for backend '${url}'\n[1] one: issuer ${issuer.issuer}\n[2] two: issuer ${issuer.issuer}\n` +
        "Choose one (enter index): Using provider ID 'one'.\nWill try to use default client.\n",
    )
  })

  it('whose stdout is closed before anybody is logged in does not end as if it were done', async ({
    expect,
    onTestFinished,
  }) => {
    const { url } = await backend({}, onTestFinished)
    const closed = { lines: 0 }
    const io = fakeIo({ env: home(onTestFinished).env })
    const out = (): void => {
      if (++closed.lines > 2) throw Object.assign(new Error('EPIPE'), { name: 'OutputError', closed: true })
    }
    expect([await main(['oidc-auth', url], { ...io, out }), io.stderr()]).toEqual([
      3,
      'auth: Nobody was logged in: who reads stdout has gone.\n',
    ])
  })

  it.for(['add-basic', 'add-oidc', 'oidc-auth'])(
    '%s refuses what no back-end can be before anything is asked',
    async (command, { expect, onTestFinished }) => {
      for (const address of ['http://openeo.example.org', 'https://openeo.example.org/?a=b', 'openeo.example.org#a']) {
        const words = [command, address, ...(command === 'add-basic' ? ['--no-try'] : [])]
        const ran = await run(home(onTestFinished), words, { terminal: true, input: 'john\nsecret\n' })
        expect([ran.code, ran.stdout(), ran.hidden()]).toEqual([2, '', []])
        expect(ran.stderr()).toMatch(/^auth: .*(is not https, and not on this machine|no query and no fragment).*\n$/)
      }
    },
  )

  it('takes a provider that is not configured', async ({ expect, onTestFinished }) => {
    const { url } = await backend(
      { providers: [listed('one', issuer.issuer), listed('two', issuer.issuer)] },
      onTestFinished,
    )
    const words = ['oidc-auth', url, '--provider-id=two']
    const done = await run(home(onTestFinished), words, {}, approvedBy(issuer, onTestFinished))
    expect([done.code, done.stderr()]).toEqual([0, expect.stringContaining("Provider 'two'")])
    const wrong = await run(home(onTestFinished), ['oidc-auth', url, '--provider-id=three'])
    expect([wrong.code, wrong.stderr()]).toEqual([2, expect.stringContaining("'three' not available")])
  })

  it('says so where no refresh token came, and where the Python client would not take the client', async ({
    expect,
    onTestFinished,
  }) => {
    const never = await provider({ refreshTokens: 'never' })
    onTestFinished(() => never.close())
    const at = home(onTestFinished)
    const own = { default_clients: [{ id: 'script', grant_types: [deviceGrant] }] }
    const { url } = await backendWith(
      { providers: [listed('demo', never.issuer, own)], verify: never.verify },
      onTestFinished,
    )
    const done = await run(at, ['oidc-auth', url], {}, approvedBy(never, onTestFinished))
    expect([done.code, done.stdout()]).toEqual([0, expect.stringMatching(/device flow was successful\.\n$/)])
    expect(done.stderr()).toMatch(/^Warning: authenticate_oidc\(\) .*'script'.* will not find this login\.$/m)
    expect(done.stderr()).toMatch(/^Warning: No OIDC refresh token to store\./m)
    expect(never.verify((await run(at, ['token', url])).stdout().trim())).toMatchObject({ clientId: 'script' })
  })

  it.for([
    [['--timeout=1'], 3, 'Nobody logged in within 1 s.'],
    [['--timeout=1'], 3, 'Waiting for the approval, 10 s left.'],
    [['--timeout=soon'], 2, '--timeout is a number of seconds'],
    [['--flow=auth-code'], 1, 'No client_id found.'],
    [['--flow=other'], 2, '--flow is device or auth-code.'],
  ] as const)('with %j ends with %i', async ([words, expected, message], { expect, onTestFinished }) => {
    const { url } = await backend({}, onTestFinished)
    const { code, stderr } = await run(home(onTestFinished), ['oidc-auth', url, ...words])
    expect([code, stderr()]).toEqual([expected, expect.stringContaining(message)])
  })
})
