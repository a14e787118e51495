import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { deviceCode, type Fetch, type Session, session } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'
import {
  type OpeneoBackend,
  openeoBackend,
  type Provider,
  provider,
  pythonClient,
  scriptedIssuer,
} from '@latchkey/testkit'
import { describe, type ExpectStatic, type onTestFinished, test } from 'vitest'
import { sha256 } from './support/example.ts'
import { type PythonLogin, pythonLogin, type Said, type Sent } from './support/python-login.ts'
import { runNode } from './support/run-node.ts'
import { sentRefreshToken } from './support/sent-refresh-token.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const { python, absent } = pythonClient()
const full = process.env['LATCHKEY_SCALE'] === 'full'
// Starting Python takes a second, on a busy machine many.
const timeout = 600_000

const grants = ['urn:ietf:params:oauth:grant-type:device_code+pkce', 'refresh_token']
const scope = 'email offline_access openid'
const granted = 'openid offline_access email read write'

interface Shared {
  readonly path: string
  readonly backend: OpeneoBackend
  /** As the back-end lists it, with a slash at its end: the key under which both languages store. */
  readonly issuer: string
  python(): PythonLogin
  ours(options?: { readonly fetch?: Fetch }): Session
}

type Finished = typeof onTestFinished

/** A directory, a back-end and a way in from both languages. */
async function shared(finished: Finished, origin: string, verify: Provider['verify']): Promise<Shared> {
  const path = temporaryDirectory(finished)
  const issuer = `${origin}/`
  const backend = await openeoBackend({
    providers: [
      {
        id: 'egi',
        issuer,
        title: 'EGI',
        scopes: ['openid', 'email'],
        default_clients: [{ id: 'script', grant_types: grants }],
      },
    ],
    verify,
  })
  finished(() => backend.close())
  return {
    path,
    backend,
    issuer,
    python: () => {
      const process = pythonLogin(python, path, backend.url)
      finished(() => process.kill())
      return process
    },
    ours: (options) => session({ issuer, clientId: 'script', scope, store: fileStore({ path }), ...options }),
  }
}

async function withProvider(finished: Finished): Promise<Shared & { readonly at: Provider }> {
  const at = await provider({ accessTokenTtl: 1 })
  finished(() => at.close())
  return { ...(await shared(finished, at.issuer, at.verify)), at }
}

/** Stores a login of its own, as either language would. */
const store = (path: string, issuer: string, refreshToken: string): Promise<unknown> =>
  fileStore({ path }).update({ issuer, clientId: 'script' }, async () => ({ refreshToken, tokens: {} }))

/** Who the back-end takes a token for. */
async function userOf(backend: OpeneoBackend, login: Session): Promise<unknown> {
  const { accessToken } = await login.getToken()
  const headers = { authorization: `Bearer oidc/egi/${accessToken}` }
  return ((await (await fetch(`${backend.root}/me`, { headers })).json()) as { readonly user_id: unknown }).user_id
}

const file = (path: string): string => join(path, 'refresh-tokens.json')

/** Both languages can read the files, nobody else can, and nothing was left lying about. */
function expectWhole(path: string, expect: ExpectStatic): void {
  expect(Object.keys(JSON.parse(readFileSync(file(path), 'utf8')) as object)).toHaveLength(1)
  expect(statSync(file(path)).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(path, 'latchkey')).filter((name) => name.endsWith('.tmp'))).toEqual([])
}

describe.skipIf(absent).concurrent('one login and the real openEO Python client (peer)', { timeout }, () => {
  test('made by Python is used by us, and renewed by both in turn', async ({ expect, onTestFinished: finished }) => {
    const { path, backend, at, python, ours } = await withProvider(finished)
    const their = python()
    const { code } = await their.ask('login')
    await at.approve(code ?? '', { login: 'ana' })
    expect(await their.heard()).toMatchObject({ how: 'device', user: 'ana', sent: [] })
    const login = ours()
    for (let turn = 0; turn < 3; turn++) {
      expect(await userOf(backend, login)).toBe('ana')
      expect(await their.ask('login')).toMatchObject({ how: 'refresh', user: 'ana', sent: [[expect.any(String), 200]] })
      // Until our access token has expired, so that it is our turn to renew.
      await new Promise((resolve) => setTimeout(resolve, 950))
    }
    expect(at.stats.refreshes).toBeGreaterThanOrEqual(5)
    await their.close()
    expect([at.stats.revokedGrants, at.stats.refusals['invalid_grant']]).toEqual([0, undefined])
    expectWhole(path, expect)
  })

  test('made by us is used by Python, and goes on with us where Python has rotated it', async ({
    expect,
    onTestFinished: finished,
  }) => {
    const { path, backend, at, python, issuer } = await withProvider(finished)
    const login = session({
      issuer,
      clientId: 'script',
      scope,
      store: fileStore({ path }),
      login: (client) =>
        deviceCode(client, { scope, prompt: ({ userCode }) => at.approve(userCode, { login: 'eva' }) }),
    })
    expect(await userOf(backend, login)).toBe('eva')
    const their = python()
    expect(await their.ask('login')).toMatchObject({ how: 'refresh', user: 'eva' })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(await userOf(backend, login)).toBe('eva')
    expect(await their.ask('login')).toMatchObject({ how: 'refresh', user: 'eva' })
    await their.close()
    expect(at.stats.revokedGrants).toBe(0)
    expectWhole(path, expect)
  })

  test('that Python is just writing, its file empty for a moment, is waited for and not taken for a logout', async ({
    expect,
    onTestFinished: finished,
  }) => {
    const { path, at, python, ours, issuer } = await withProvider(finished)
    await store(path, issuer, (await at.issue()).refreshToken)
    const their = python()
    await their.ask('slow 0.4')
    expect(await their.ask('login')).toEqual({ empty: true })
    expect(readFileSync(file(path), 'utf8')).toBe('')
    const began = performance.now()
    await expect(ours().getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
    expect(performance.now() - began).toBeGreaterThan(200)
    expect(await their.heard()).toMatchObject({ how: 'refresh' })
    await their.close()
    expect(at.stats.revokedGrants).toBe(0)
    expectWhole(path, expect)
  })

  test('whose file Python left empty when it was killed is reported, not overwritten, and used again once it is whole', async ({
    expect,
    onTestFinished: finished,
  }) => {
    const { path, at, python, ours, issuer } = await withProvider(finished)
    await store(path, issuer, (await at.issue()).refreshToken)
    const their = python()
    await their.ask('slow 60')
    await their.ask('login')
    their.kill()
    const login = ours()
    await expect(login.getToken()).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
    expect(readFileSync(file(path), 'utf8')).toBe('')
    // A person deletes it, as Python's users have to, and logs in again.
    rmSync(file(path))
    await store(path, issuer, (await at.issue()).refreshToken)
    await expect(login.getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
    expectWhole(path, expect)
  })
})

/** An issuer that rotates, and refuses what was spent without ending the login: whoever has the newest token goes on. */
async function rotatingIssuer(
  finished: Finished,
): Promise<{ readonly issuer: string; readonly first: string; current(): string }> {
  let count = 0
  const value = (): string => `rt-${sha256(Buffer.from(String(count))).slice(0, 12)}-${count}`
  const at = await scriptedIssuer(
    [
      {
        request: 'POST /token',
        times: Number.POSITIVE_INFINITY,
        reply: ({ form }) => {
          if (form['refresh_token'] !== value()) return { status: 400, body: { error: 'invalid_grant' } }
          count++
          const body = { access_token: `at-${count}`, token_type: 'Bearer', expires_in: 1, refresh_token: value() }
          // The answer takes a while, as over a network: meanwhile the old token is spent and the new one nowhere.
          return { body, delay: 5 + Math.random() * 20 }
        },
      },
    ],
    { metadata: { scopes_supported: ['openid', 'email', 'offline_access'] } },
  )
  finished(() => at.close())
  return { issuer: at.issuer, first: value(), current: value }
}

interface Crowd {
  readonly theirs: readonly Said[]
  readonly ours: readonly { readonly tokens: number; readonly sent: readonly Sent[]; readonly errors: object }[]
}

/** Two Python processes and three of ours renew the login that is stored, all at once. */
async function crowd({ path, issuer, python }: Shared, seconds: number, pause: number): Promise<Crowd> {
  const pythons = [python(), python()]
  const theirs = pythons.map((one) => one.ask(`renew ${seconds} ${pause}`))
  const ours = await Promise.all([0, 1, 2].map(() => runNode('renew-login', [path, issuer, String(seconds)])))
  const said = await Promise.all(theirs)
  await Promise.all(pythons.map((one) => one.close()))
  for (const { stderr } of ours) if (stderr !== '') throw new Error(stderr)
  return { theirs: said, ours: ours.map(({ stdout }) => JSON.parse(stdout) as Crowd['ours'][number]) }
}

const tokensOf = (sent: readonly (readonly Sent[] | undefined)[]): readonly string[] =>
  sent.flatMap((one) => (one ?? []).map(([token]) => token))

const twice = (tokens: readonly string[]): readonly string[] => [
  ...new Set(tokens.filter((token, index) => tokens.indexOf(token) !== index)),
]

describe.skipIf(absent)(
  'a rotating login that the real openEO Python client (peer) and we renew at once',
  { timeout },
  () => {
    test('is found again when Python rotated it between our reading and our sending', async ({
      expect,
      onTestFinished: finished,
    }) => {
      const at = await rotatingIssuer(finished)
      const { path, issuer, python, ours } = await shared(finished, at.issuer, () => ({
        clientId: 'script',
        login: 'marie',
        scope,
      }))
      await store(path, issuer, at.first)
      const their = python()
      const sent: unknown[] = []
      const login = ours({
        fetch: async (input, init) => {
          const token = sentRefreshToken(init)
          if (token !== undefined) sent.push(token)
          if (token === at.first) expect(await their.ask('login')).toMatchObject({ sent: [[at.first, 200]] })
          return fetch(input, init)
        },
      })
      await expect(login.getToken()).resolves.toMatchObject({ accessToken: 'at-2' })
      expect(sent).toEqual([at.first, expect.stringMatching(/-1$/)])
      expect(readFileSync(file(path), 'utf8')).toContain(at.current())
      await their.close()
      expectWhole(path, expect)
    })

    test('lives on where the issuer forgives a spent token: whoever rotated it, we find the newest one', async ({
      expect,
      onTestFinished: finished,
    }) => {
      const at = await rotatingIssuer(finished)
      const both = await shared(finished, at.issuer, () => ({ clientId: 'script', login: 'marie', scope }))
      await store(both.path, both.issuer, at.first)
      const { theirs, ours } = await crowd(both, full ? 20 : 2.5, 0.05)
      const theirTokens = tokensOf(theirs.map(({ sent }) => sent))
      const ourTokens = tokensOf(ours.map(({ sent }) => sent))
      process.stdout.write(`rotations: ours sent ${ourTokens.length}, Python ${theirTokens.length}\n`)
      expect(Math.min(ourTokens.length, theirTokens.length)).toBeGreaterThan(2)
      expect(twice(ourTokens)).toEqual([])
      await expect(both.ours().getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
      expect(readFileSync(file(both.path), 'utf8')).toContain(at.current())
      expectWhole(both.path, expect)
    })

    test('is ended by an issuer that does not forgive only where Python sent what somebody else sent too', async ({
      expect,
      onTestFinished: finished,
    }) => {
      for (let round = 0; round < (full ? 10 : 1); round++) {
        const both = await withProvider(finished)
        await store(both.path, both.issuer, (await both.at.issue({ scope: granted })).refreshToken)
        const { theirs, ours } = await crowd(both, 1.5, 0.3)
        const theirTokens = tokensOf(theirs.map(({ sent }) => sent))
        const ourTokens = tokensOf(ours.map(({ sent }) => sent))
        expect(twice(ourTokens)).toEqual([])
        const doubled = twice([...theirTokens, ...ourTokens])
        process.stdout.write(`ours sent ${ourTokens.length}, Python ${theirTokens.length}, both ${doubled.length}\n`)
        expect(doubled.filter((token) => !theirTokens.includes(token))).toEqual([])
        if (doubled.length === 0) {
          expect(both.at.stats.revokedGrants).toBe(0)
          await expect(both.ours().getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
        } else {
          // A new login, by either language, is taken at once.
          await store(both.path, both.issuer, (await both.at.issue()).refreshToken)
          await expect(both.ours().getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
        }
        expectWhole(both.path, expect)
      }
    })
  },
)
