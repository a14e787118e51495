import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Provider, protectedApi, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auth, type Ended, startAuth } from './support/auth.ts'
import { type Home, home, privateFile, pythonTokens } from './support/home.ts'

let issuer: Provider

beforeAll(async () => {
  issuer = await provider({ path: '/realms/demo', accessTokenTtl: 60 })
})
afterAll(() => issuer.close())

const codeLine = /^ {4}([A-Z]{4}-[A-Z]{4})$/m

/** Logs in as a person does: reads the code on stderr, and approves it in a browser. */
async function login(at: Home, words: readonly string[], how: { deny?: boolean } = {}): Promise<Ended> {
  const running = await startAuth(['login', issuer.issuer, '--method=device', ...words], { env: at.env })
  const [, code = ''] = await running.says(codeLine)
  await issuer.approve(code, how)
  return running.ended
}

describe.concurrent('a login by device', () => {
  it('needs no terminal, hands out tokens, and ends with a logout that the issuer confirms', async ({
    expect,
    onTestFinished,
  }) => {
    const at = home(onTestFinished)
    const { env } = at
    const api = await protectedApi({ verify: issuer.verify })
    onTestFinished(() => api.close())

    const done = await login(at, ['--client-id', 'script', '--json'])
    expect(done.code).toBe(0)
    expect(done.stderr.match(new RegExp(codeLine, 'gm'))).toHaveLength(1)
    expect(JSON.parse(done.stdout)).toMatchObject({ issuer: issuer.issuer, client_id: 'script', refresh_token: true })

    const header = await auth(['header', issuer.issuer], { env })
    const [name = '', value = ''] = header.stdout.trim().split(': ')
    expect(name).toBe('Authorization')
    expect((await fetch(`${api.origin}/data`, { headers: { [name]: value } })).status).toBe(200)

    const status = await auth(['status', issuer.issuer], { env })
    expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/client +script\n/)])

    const out = await auth(['logout'], { env })
    expect([out.code, out.stdout, out.stderr]).toEqual([0, '', expect.stringContaining('the issuer confirmed')])
    expect((await auth(['token', issuer.issuer], { env })).code).toBe(3)
    expect(JSON.parse(readFileSync(at.tokens, 'utf8'))).toEqual({})
  })

  it('stores what the openEO client reads', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    expect((await login(at, ['--client-id=script', '--pkce'])).code).toBe(0)
    const entry = JSON.parse(readFileSync(at.tokens, 'utf8')) as Record<
      string,
      Record<string, { refresh_token: string }>
    >
    expect(entry[issuer.issuer]?.['script']?.refresh_token).toMatch(/^\S{10,}$/)
  })

  it('of a named account stays out of the shared file', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    expect((await login(at, ['--client-id=script', '--account=work'])).code).toBe(0)
    expect(existsSync(at.tokens) ? readFileSync(at.tokens, 'utf8') : '{}').toBe('{}')
    expect((await auth(['token', '--account=work'], { env: at.env })).stdout).toMatch(/^\S+\n$/)
  })

  it('gives no more than was granted, and says how to have more', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    await login(at, ['--client-id=script'])
    const { code, stderr } = await auth(['token', '--scope=admin'], { env: at.env })
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^auth: .*: auth login http\S+ .*--scope WORDS\n$/)])
  })

  it('that the person denies ends with 3', async ({ expect, onTestFinished }) => {
    const done = await login(home(onTestFinished), ['--client-id=script'], { deny: true })
    expect([done.code, done.stdout]).toEqual([3, ''])
    expect(done.stderr.trim().split('\n').at(-1)).toMatch(/^auth: /)
  })

  it('that nobody approves ends with 3 when its time is up', async ({ expect, onTestFinished }) => {
    const words = ['login', issuer.issuer, '--client-id=script', '--method=device', '--timeout=1']
    const done = await auth(words, { env: home(onTestFinished).env })
    expect([done.code, done.stderr]).toEqual([3, expect.stringContaining('Nobody logged in within 1 s.')])
  })

  it('of a confidential client takes its secret from a file, from stdin or from the environment', async ({
    expect,
    onTestFinished,
  }) => {
    const at = home(onTestFinished)
    const file = join(at.path, 'secret')
    writeFileSync(file, `${issuer.clientSecret}\n`)
    expect((await login(at, ['--client-id=basic', `--client-secret-file=${file}`])).code).toBe(0)
    const words = ['token', issuer.issuer, '--min-validity=86400']
    const env = { ...at.env, LATCHKEY_CLIENT_SECRET: issuer.clientSecret }
    const without = await auth(words, { env: at.env })
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('--client-secret-file FILE')])
    expect((await auth(words, { env })).stdout).toMatch(/^\S+\n$/)
    const piped = await auth([...words, '--client-secret-file=-'], { env: at.env, input: issuer.clientSecret })
    expect(piped.stdout).toMatch(/^\S+\n$/)
  })
})

describe.concurrent('a login that the openEO client stored', () => {
  it('gives tokens, and the next refresh token is written back for it', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    const { refreshToken } = await issuer.issue()
    privateFile(at.tokens, pythonTokens(issuer.issuer, 'script', refreshToken))
    const first = await auth(['token'], { env: at.env })
    expect([first.code, first.stderr]).toEqual([0, ''])
    expect(issuer.verify(first.stdout.trim())).toMatchObject({ clientId: 'script', login: 'marie' })
    const after = readFileSync(at.tokens, 'utf8')
    expect(after).not.toContain(refreshToken)
    expect(after).toMatch(
      /^\{\n {2}"http.*": \{\n {4}"script": \{\n {6}"date": "\d{4}-.*Z",\n {6}"refresh_token": "\S+"\n {4}\}\n {2}\}\n\}$/,
    )
    expect((await auth(['token', issuer.issuer], { env: at.env })).stdout).toBe(first.stdout)
  })

  it('of a confidential client finds the secret that the openEO tool stored', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    const { refreshToken } = await issuer.issue({ clientId: 'post' })
    privateFile(at.tokens, pythonTokens(issuer.issuer, 'post', refreshToken))
    const client = { date: '', client_id: 'post', client_secret: issuer.clientSecret, issuer: `${issuer.issuer}/` }
    const providers = { egi: client }
    privateFile(at.config, JSON.stringify({ backends: { 'https://openeo.example.com': { oidc: { providers } } } }))
    expect((await auth(['token'], { env: at.env })).stdout).toMatch(/^\S+\n$/)
  })

  it('that the issuer refuses names the command to run', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    privateFile(at.tokens, pythonTokens(issuer.issuer, 'script', 'no-such-token'))
    const refused = await auth(['token'], { env: at.env })
    expect([refused.code, refused.stdout]).toEqual([3, ''])
    expect(refused.stderr).toContain(`auth login ${issuer.issuer} --client-id script\n`)
    expect((await auth(['status', issuer.issuer], { env: at.env })).stdout).toContain('refused')
  })
})

it('a logout with the issuer out of reach removes the login, and says that nobody confirmed', async () => {
  const at = home()
  privateFile(at.tokens, pythonTokens('http://127.0.0.1:1', 'script', 'rt'))
  const out = await auth(['logout', '--json'], { env: at.env })
  expect(out.code).toBe(0)
  expect(JSON.parse(out.stdout)).toMatchObject({ removed: true, confirmed: false, reason: expect.any(String) })
  expect(readFileSync(at.tokens, 'utf8')).toBe('{}')
})

it('an issuer out of reach is a reason to try again', async () => {
  const at = home()
  privateFile(at.tokens, pythonTokens('http://127.0.0.1:1', 'script', 'rt'))
  const failed = await auth(['token'], { env: at.env })
  expect([failed.code, failed.stdout]).toEqual([4, ''])
})
