import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, it } from 'vitest'
import { findingsText } from '../src/commands/doctor.ts'
import { registrations } from '../src/login/registrations.ts'
import { main } from '../src/main.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './support/fake-io.ts'
import { home, privateFile, pythonTokens } from './support/home.ts'
import { store, storedToken } from './support/stored.ts'

const issuer = 'https://iam.example.org'

async function run(words: readonly string[], options: FakeIoOptions): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo(options)
  return { ...io, code: await main(['doctor', ...words], io) }
}

describe('auth doctor', () => {
  it('on a machine without anything finds nothing wrong, and makes nothing', async () => {
    const at = home()
    const { code, stdout } = await run([], { env: { HOME: join(at.path, 'new') } })
    expect([code, stdout()]).toEqual([0, expect.not.stringContaining('FAIL')])
    expect(stdout()).toContain('auth login NAME')
  })

  it('asks the issuer of each login, and looks at the clock by it', async ({ onTestFinished }) => {
    const server = await scriptedIssuer([], { metadata: { grant_types_supported: ['refresh_token'] } })
    onTestFinished(() => server.close())
    const { env } = home()
    await store(
      env,
      { issuer: server.issuer, clientId: 'script' },
      { refreshToken: 'rt', tokens: { '': storedToken('at') } },
    )
    const { code, stdout } = await run([], { env })
    expect(code).toBe(0)
    for (const line of ['issuer', 'clock', 'client', 'grants', 'login', 'lock', 'files']) {
      expect(stdout()).toMatch(new RegExp(`^(ok  |warn)  ${line} `, 'm'))
    }
    expect(server.requests.map(({ method }) => method)).toEqual(['GET'])
  })

  it('says which clock is wrong, and ends with 1', async ({ onTestFinished }) => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    const server = await scriptedIssuer(
      (at) => [
        {
          request: 'GET /.well-known/openid-configuration',
          reply: { headers: { date }, body: { issuer: at, token_endpoint: `${at}/token` } },
        },
      ],
      { noDiscovery: true },
    )
    onTestFinished(() => server.close())
    const { code, stdout } = await run([server.issuer, '--json'], { env: home().env })
    expect(code).toBe(1)
    const clock = (JSON.parse(stdout()) as { check: string; level: string; text: string }[]).find(
      ({ check }) => check === 'clock',
    )
    expect(clock).toMatchObject({ level: 'fail', text: expect.stringMatching(/59 min behind|60 min behind/) })
  })

  it("knows the clients of the person's own table and those registered from here", async ({ onTestFinished }) => {
    const server = await scriptedIssuer([])
    onTestFinished(() => server.close())
    const at = home()
    const mine = {
      name: 'mine',
      title: 'Mine',
      issuer: server.issuer,
      clientId: 'of-mine',
      scope: 'openid',
      pkce: true,
    }
    const table = join(at.path, '.config', 'latchkey', 'issuers.json')
    mkdirSync(dirname(table))
    writeFileSync(table, JSON.stringify([mine]))
    await registrations({ env: at.env }).set(server.issuer, { clientId: 'registered', redirectUris: [] })
    const { code, stdout } = await run([server.issuer], { env: at.env })
    expect([code, stdout()]).toEqual([0, expect.stringMatching(/^ok {4}client +registered, of-mine at 127\.0\.0\.1/m)])
    const file = join(dirname(at.tokens), 'latchkey', 'registrations.json')
    writeFileSync(file, '{"a":')
    const broken = await run([server.issuer], { env: at.env })
    expect([broken.code, broken.stdout()]).toEqual([1, expect.stringMatching(/^FAIL {2}client .*registrations\.json/m)])
    expect(broken.stdout()).toMatch(/^ok {4}client +of-mine at/m)
  })

  it('says of an issuer out of reach why, and how to mend it', async () => {
    const gone = await scriptedIssuer([])
    await gone.close()
    const { code, stdout } = await run([gone.issuer], { env: home().env })
    expect(code).toBe(1)
    expect(stdout()).toMatch(/^FAIL {2}issuer .*ECONNREFUSED/m)
    expect(stdout()).toMatch(/^ +mend: check the address/m)
  })

  it.each([
    ['that others may read', (path: string) => chmodSync(path, 0o644), 'mend: chmod 600'],
    ['that is broken', (path: string) => writeFileSync(path, '{"a":'), '.broken, then log in again'],
  ])('goes on with a file %s, and shows how to mend it', async (_, spoil, mend) => {
    const { env, tokens } = home()
    privateFile(tokens, pythonTokens(issuer, 'script', 'refresh-SECRET'))
    spoil(tokens)
    const { code, stdout } = await run([], { env })
    expect(code).toBe(1)
    expect(stdout()).toMatch(/^FAIL {2}files /m)
    expect(stdout()).toContain(mend)
    expect(stdout()).not.toContain('SECRET')
  })

  it('finds a link to nothing, and a directory where the file should be', async () => {
    const at = home()
    symlinkSync('/nowhere/else', at.tokens)
    mkdirSync(at.config)
    const { code, stdout } = await run([], { env: at.env })
    expect(code).toBe(1)
    expect(stdout().match(/^FAIL {2}files /gm)).toHaveLength(2)
  })

  it('finds what a killed process left', async () => {
    const at = home()
    await store(at.env, { issuer: 'http://127.0.0.1:1', clientId: 'c' }, { refreshToken: 'rt', tokens: {} })
    writeFileSync(join(dirname(at.tokens), 'latchkey', 'abc.json.tmp'), '')
    mkdirSync(join(at.path, 'latchkey-exec-999999999-abc'))
    const { stdout } = await run([], { env: { ...at.env, XDG_RUNTIME_DIR: at.path } })
    expect(stdout()).toMatch(/^warn {2}files .*abc\.json\.tmp/m)
    expect(stdout()).toMatch(/^warn {2}exec .*latchkey-exec-999999999-abc/m)
  })

  it('escapes what files and servers say', () => {
    expect(findingsText([{ check: 'x', level: 'fail', text: '\u001b[2J', mend: '\u202e' }])).toMatch(/^[\x20-\x7e\n]*$/)
  })
})
