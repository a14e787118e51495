import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lease, Login, TokenStore } from '@latchkey/core'
import { protectedApi, provider } from '@latchkey/testkit'
import { describe, expect, it } from 'vitest'
import { registryHost } from '../src/credential/docker-protocol.ts'
import { execInfo } from '../src/credential/exec-credential.ts'
import { forgetToken } from '../src/credential/forget-token.ts'
import { gitAnswer, gitRequest } from '../src/credential/git-protocol.ts'
import { isAllowed } from '../src/credential/hosts.ts'
import { main } from '../src/main.ts'
import { started } from './support/auth.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './support/fake-io.ts'
import { home } from './support/home.ts'
import { programOnPath, script } from './support/program.ts'
import { loggedInHome } from './support/provided.ts'
import { store, storedToken } from './support/stored.ts'

const key = { issuer: 'https://iam.example.org', clientId: 'script' }
const absent = (command: string, ...words: readonly string[]): boolean => spawnSync(command, words).status !== 0

async function run(words: readonly string[], options: FakeIoOptions): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo(options)
  return { ...io, code: await main(words, io) }
}

async function withLogin(more: Parameters<typeof storedToken>[1] = {}): Promise<Readonly<Record<string, string>>> {
  const { env } = home()
  await store(env, key, { refreshToken: 'rt', tokens: { '': storedToken('at', more) } })
  return env
}

describe('a host', () => {
  it.each([
    ['git.example.org', ['git.example.org'], true],
    ['GIT.example.org:443', ['git.example.org'], true],
    ['git.example.org', ['other.org', 'git.example.org:443'], true],
    ['git.example.org:8443', ['git.example.org'], false],
    ['git.example.org', ['example.org'], false],
    ['git.example.org.evil.org', ['git.example.org'], false],
    ['', ['git.example.org'], false],
  ])('%j with %j allowed: %s', (host, allowed, expected) => {
    expect(isAllowed(host, allowed)).toBe(expected)
  })

  it.each([
    ['reg.example.org', 'reg.example.org'],
    ['https://reg.example.org:5000/v1/', 'reg.example.org:5000'],
    ['http://reg.example.org', ''],
    ['https://evil@reg.example.org', ''],
    ['', ''],
  ])('in what docker asks for, %j, is %j', (server, host) => {
    expect(registryHost(server)).toBe(host)
  })
})

describe("git's protocol", () => {
  it('is read up to an empty line, lists apart', () => {
    const text =
      'capability[]=authtype\nprotocol=https\nhost=h:1\nwwwauth[]=Basic realm="a=b"\nusername=a=b\n\nhost=evil\n'
    expect(gitRequest(text)).toEqual({
      protocol: 'https',
      host: 'h:1',
      username: 'a=b',
      password: undefined,
      capabilities: ['authtype'],
    })
  })

  it.each([['host=a\r\n'], ['host=a\0b\n'], ['nonsense\n'], ['=a\n']])('is refused where it holds %j', (text) => {
    expect(() => gitRequest(text)).toThrow(/refused|no credential request/)
  })

  it.each(['a\nb', 'a\rb', 'a\0b'])('is not answered with %j', (username) => {
    expect(() => gitAnswer({ username })).toThrow('refused')
  })
})

describe('auth git-credential', () => {
  const input = 'protocol=https\nhost=git.example.org\n\n'
  const words = ['git-credential', 'iam.example.org', '--host', 'git.example.org']

  it('answers with the token as password, and when it ends', async () => {
    const env = await withLogin({ expiresAt: Date.UTC(2040, 0, 1) })
    const { code, stdout } = await run([...words, 'get'], { env, input })
    const expiry = Date.UTC(2040, 0, 1) / 1000
    expect([code, stdout()]).toEqual([0, `username=oauth2\npassword=at\npassword_expiry_utc=${expiry}\n`])
  })

  it.each([
    ['protocol=https\nhost=git.example.org\nusername=marie\n', [], 'username=marie\n'],
    ['protocol=https\nhost=git.example.org\nusername=marie\n', ['--username=x'], 'username=x\n'],
    ['capability[]=authtype\nprotocol=https\nhost=git.example.org\n', ['--bearer'], 'authtype=Bearer\ncredential=at\n'],
  ])('to %j with %j answers %j', async (asked, more, expected) => {
    const env = await withLogin()
    expect((await run([...words, ...more, 'get'], { env, input: asked })).stdout()).toContain(expected)
  })

  it.each([
    ['protocol=https\nhost=evil.example.org\n', ''],
    ['protocol=https\nhost=git.example.org:8443\n', ''],
    ['protocol=https\n', ''],
    ['protocol=http\nhost=git.example.org\n', 'over https only'],
    ['protocol=ssh\nhost=git.example.org\n', 'over https only'],
  ])('to %j answers nothing', async (asked, said) => {
    const { code, stdout, stderr } = await run([...words, 'get'], { env: await withLogin(), input: asked })
    expect([code, stdout()]).toEqual([0, ''])
    expect(stderr()).toContain(said)
  })

  it.each([
    [['git-credential', 'get'], '--host=HOST'],
    [['git-credential', '--host=git.example.org'], 'Which operation'],
    [['git-credential', '--host=https://git.example.org', 'get'], 'is no host'],
    [['git-credential', '--host=*.example.org', 'get'], 'is no host'],
    [[...words, '--bearer', 'get'], 'git 2.46'],
    [[...words, '--client-secret-file=-', 'get'], 'Stdin belongs to git'],
  ])('%j is wrong usage', async (line, said) => {
    const { code, stdout, stderr } = await run(line, { env: await withLogin(), input })
    expect([code, stdout(), stderr()]).toEqual([2, '', expect.stringContaining(said)])
  })

  it('on a terminal says who calls it', async () => {
    const { code, stderr } = await run([...words, 'get'], { env: await withLogin(), terminal: true })
    expect([code, stderr()]).toEqual([2, expect.stringContaining('for git to call')])
  })

  it('ignores store, and what it does not know', async () => {
    for (const operation of ['store', 'something-new']) {
      const { code, stdout } = await run([...words, operation], { env: await withLogin(), input })
      expect([code, stdout()]).toEqual([0, ''])
    }
  })

  it('keeps a token that came while git was erasing another', async () => {
    const renewed = { tokens: { '': storedToken('renewed meanwhile') } }
    let kept: Login | undefined
    const store: TokenStore = {
      get: async () => ({ tokens: { '': storedToken('refused') } }),
      update: async (_key, change) => (kept = await change(renewed, {} as Lease)),
      keys: async function* () {},
    }
    await forgetToken(key, 'refused', store)
    expect(kept).toBe(renewed)
  })

  it('renews a token that git erased, and no other', async ({ onTestFinished }) => {
    const issuer = await provider({ accessTokenTtl: 60 })
    onTestFinished(() => issuer.close())
    const { env } = await loggedInHome(issuer, onTestFinished)
    const mine = ['git-credential', '--host', 'git.example.org']
    const token = (await run(['token'], { env })).stdout().trim()
    await run([...mine, 'erase'], { env, input: `${input.trim()}\npassword=another\n` })
    await run([...mine, 'erase'], { env, input: `protocol=https\nhost=evil.org\npassword=${token}\n` })
    expect((await run(['token'], { env })).stdout().trim()).toBe(token)
    await run([...mine, 'erase'], { env, input: `${input.trim()}\npassword=${token}\n` })
    const next = (await run(['token'], { env })).stdout().trim()
    expect(next).not.toBe(token)
    expect(issuer.verify(next)).toMatchObject({ login: 'marie' })
  })

  it.skipIf(absent('git', '--version'))(
    'is understood by git (peer: git), for that host alone',
    async ({ expect, onTestFinished }) => {
      const at = home(onTestFinished)
      await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
      const env = { ...(await programOnPath(at)), GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' }
      writeFileSync(
        join(at.path, '.gitconfig'),
        '[credential]\n\thelper = !auth git-credential iam.example.org --host git.example.org\n',
      )
      const filled = await started('git', ['credential', 'fill'], { env, input }).ended
      expect([filled.code, filled.stdout]).toEqual([0, expect.stringMatching(/^username=oauth2\npassword=at$/m)])
      const other = await started('git', ['credential', 'fill'], { env, input: input.replace('git.', 'evil.') }).ended
      expect([other.code, other.stdout]).toEqual([128, ''])
    },
  )
})

describe('auth docker-credential', () => {
  const words = ['docker-credential', 'iam.example.org', '--host', 'reg.example.org']

  it.each([['reg.example.org\n'], ['https://reg.example.org/v2/']])('answers %j', async (input) => {
    const { code, stdout } = await run([...words, 'get'], { env: await withLogin(), input })
    expect(code).toBe(0)
    expect(JSON.parse(stdout())).toEqual({ ServerURL: input.trim(), Username: 'oauth2', Secret: 'at' })
  })

  it('for another registry says what docker takes for "ask elsewhere"', async () => {
    const { code, stdout } = await run([...words, 'get'], {
      env: await withLogin(),
      input: 'https://index.docker.io/v1/',
    })
    expect([code, stdout()]).toEqual([1, 'credentials not found in native keychain\n'])
  })

  it('lists its registries, forgets nothing and stores nothing', async () => {
    const env = await withLogin()
    expect(JSON.parse((await run([...words, '--username=u', 'list'], { env })).stdout())).toEqual({
      'reg.example.org': 'u',
    })
    expect((await run([...words, 'erase'], { env, input: 'reg.example.org' })).code).toBe(0)
    expect((await run([...words, 'store'], { env, input: '{}' })).code).toBe(2)
    expect((await run(['token'], { env })).stdout()).toBe('at\n')
  })

  it('is a program for docker by a script of two lines', async ({ expect, onTestFinished }) => {
    const at = home(onTestFinished)
    await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const env = await programOnPath(at)
    script(join(at.path, 'bin', 'docker-credential-x'), 'exec auth docker-credential --host reg.example.org "$@"')
    const got = await started(join(at.path, 'bin', 'docker-credential-x'), ['get'], { env, input: 'reg.example.org' })
      .ended
    expect(JSON.parse(got.stdout)).toMatchObject({ Secret: 'at' })
  })
})

describe('auth kubectl-credential', () => {
  const info = (version: string, more: object = {}): string =>
    JSON.stringify({ apiVersion: `client.authentication.k8s.io/${version}`, kind: 'ExecCredential', spec: more })

  it.each(['v1', 'v1beta1'])('answers in the version %s that kubectl asks in', async (version) => {
    const env = await withLogin({ expiresAt: Date.UTC(2040, 0, 1, 0, 0, 0, 500) })
    const { code, stdout } = await run(['kubectl-credential', '--no-id-token'], {
      env: { ...env, KUBERNETES_EXEC_INFO: info(version) },
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout())).toEqual({
      apiVersion: `client.authentication.k8s.io/${version}`,
      kind: 'ExecCredential',
      status: { token: 'at', expirationTimestamp: '2040-01-01T00:00:00Z' },
    })
  })

  it.each([['{'], ['null'], ['[]'], ['{"kind":"Pod"}']])('refuses %s', (text) => {
    expect(() => execInfo(text)).toThrow('no ExecCredential')
  })

  it('does not know a version to come', () => {
    expect(() => execInfo(info('v2'))).toThrow('known of it are v1 and v1beta1')
  })

  it.each([
    ['https://k8s.example.org', 0],
    ['https://k8s.example.org:443/', 0],
    ['https://evil.example.org', 1],
    ['http://k8s.example.org', 1],
    [undefined, 2],
  ])('--host k8s.example.org with a cluster at %s: %i', async (server, expected) => {
    const env = {
      ...(await withLogin()),
      KUBERNETES_EXEC_INFO: info('v1', server === undefined ? {} : { cluster: { server } }),
    }
    const { code, stdout } = await run(['kubectl-credential', '--no-id-token', '--host=k8s.example.org'], { env })
    expect([code, stdout() === '']).toEqual([expected, expected !== 0])
  })

  it.skipIf(absent('kubectl', 'version', '--client'))(
    'is understood by kubectl (peer: kubectl), which gets an ID token',
    async ({ expect, onTestFinished }) => {
      const issuer = await provider({ accessTokenTtl: 60 })
      onTestFinished(() => issuer.close())
      const cluster = await protectedApi({ secure: true })
      onTestFinished(() => cluster.close())
      const at = await loggedInHome(issuer, onTestFinished)
      const env = await programOnPath(at)
      const exec = {
        // Debian's kubectl knows no v1 yet.
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: 'auth',
        args: ['kubectl-credential', issuer.issuer, '--host', new URL(cluster.origin).host],
        interactiveMode: 'Never',
        provideClusterInfo: true,
      }
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: cluster.origin, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { exec } }],
      }
      const file = join(at.path, 'kubeconfig')
      writeFileSync(file, JSON.stringify(config))
      const { stderr } = await started('kubectl', ['--kubeconfig', file, 'get', '--raw', '/version'], { env }).ended
      const sent = cluster.received('/version')[0]?.headers['authorization'] ?? stderr
      const token = /^Bearer (eyJ\S+)$/.exec(sent)?.[1] ?? sent
      expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
        aud: 'script',
      })
    },
  )
})
