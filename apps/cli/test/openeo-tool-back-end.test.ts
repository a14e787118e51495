import { readFileSync } from 'node:fs'
import { authConfig } from '@latchkey/file-store'
import { type OpeneoBackend, openeoBackend, type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, it, type onTestFinished } from 'vitest'
import { auth, type Ended, type Running, startAuth } from './support/auth.ts'
import { type Home, home } from './support/home.ts'
import { listed } from './support/openeo.ts'
import { absent, type OpeneoTool, openeoTool, type ToolEnded } from './support/openeo-tool.ts'

let tool: OpeneoTool
let issuer: Provider
let one: OpeneoBackend
let two: OpeneoBackend
let none: OpeneoBackend

beforeAll(async () => {
  if (absent) return
  tool = openeoTool()
  issuer = await provider({ path: '/realms/demo', accessTokenTtl: 60 })
  const { verify } = issuer
  const plain = listed('plain', issuer.issuer, { default_clients: undefined })
  one = await openeoBackend({ verify, providers: [listed('demo', `${issuer.issuer}/`)] })
  two = await openeoBackend({ verify, providers: [listed('demo', issuer.issuer, { title: "L'été" }), plain] })
  none = await openeoBackend({ providers: [] })
})
afterAll(async () => {
  if (absent) return
  tool.close()
  await Promise.all([issuer, one, two, none].map((server) => server.close()))
})

interface Pair {
  readonly ours: Ended
  readonly theirs: ToolEnded
  readonly at: Home
  readonly copy: Home
}

/** Both programs, without a terminal, on homes of their own. A device login is approved. */
async function both(
  words: readonly string[],
  input: string,
  finished: typeof onTestFinished,
  prepare: (at: Home) => Promise<void> = async () => undefined,
): Promise<Pair> {
  const [at, copy] = [home(finished), home(finished)]
  await Promise.all([prepare(at), prepare(copy)])
  const [ours, theirs] = await Promise.all([
    approved(await startAuth(words, { env: at.env, input, noTerminal: true })),
    approved(tool.start(words, copy, input)),
  ])
  return { ours, theirs, at, copy }
}

async function approved<T>(running: { readonly prints: Running['prints']; readonly ended: Promise<T> }): Promise<T> {
  const code = await running.prints(/user_code=([A-Z]{4}-[A-Z]{4})/).catch(() => undefined)
  if (code?.[1] !== undefined) await issuer.approve(code[1])
  return running.ended
}

/** What differs for a reason: the code, the homes, and their progress, which ours does not put on stdout. */
function stdoutOf({ stdout }: ToolEnded | Ended, from: Home, to: Home): string {
  return stdout
    .replaceAll(from.path, to.path)
    .replaceAll(/user_code=[A-Z]{4}-[A-Z]{4}/g, 'user_code=CODE')
    .replaceAll(/(?:[^\r\n]*\r)+ *\n/g, '')
}

const client = (at: Home, id: string, backend: string): Promise<void> =>
  authConfig({ env: at.env }).setOidcClient(backend, id, { clientId: 'script', issuer: issuer.issuer })

// The same on stdout, and the same in the files but for dates, who made them, and passwords that Python did not save.
const same: readonly (readonly [string, () => readonly string[], string, (at: Home) => Promise<void>])[] = [
  ['add-basic', () => ['add-basic', one.url], 'john\nj0hn123\n', async () => undefined],
  ['add-basic --user', () => ['add-basic', '--user', 'john', `${one.url}/`], 'j0hn123\n', async () => undefined],
  ['add-basic --no-try', () => ['add-basic', one.url, '--no'], "it's\nj0hn123\n", async () => undefined],
  ['add-basic --no-try, no password', () => ['add-basic', one.url, '--no-try'], 'jöhn\n\n', async () => undefined],
  ['add-oidc', () => ['add-oidc', one.url], ' mine \ns3cret\n', async () => undefined],
  ['add-oidc, default client', () => ['add-oidc', one.url], '\n', async () => undefined],
  ['add-oidc --use-default-client', () => ['add-oidc', one.url, '--use'], '', async () => undefined],
  ['add-oidc, of two', () => ['add-oidc', two.url], 'x\n3\n2\nmine\n\n', async () => undefined],
  ['add-oidc, no default client', () => ['add-oidc', two.url, '--p=plain'], '\n', async () => undefined],
  ['add-oidc --use-default-client, none', () => ['add-oidc', two.url, '--p=plain', '--use'], '', async () => undefined],
  [
    'add-oidc --no-client-secret',
    () => ['add-oidc', two.url, '--p', 'demo', '--c', 'c', '--no'],
    '',
    async () => undefined,
  ],
  ['oidc-auth', () => ['oidc-auth', one.url], '', async () => undefined],
  ['oidc-auth, configured', () => ['oidc-auth', two.url], '', (at) => client(at, 'demo', two.url)],
  [
    'oidc-auth, of two',
    () => ['oidc-auth', two.url, '--flow', 'device'],
    '9\n2\n',
    async (at) => {
      await client(at, 'plain', two.url)
      await client(at, 'demo', two.url)
    },
  ],
  ['oidc-auth --provider-id', () => ['oidc-auth', two.url, '--prov', 'demo'], '', (at) => client(at, 'demo', two.url)],
]

/** What fails in both: up to there stdout is the same, but for a prompt that nobody answers. */
const failing: readonly (readonly [string, () => readonly string[], string, number, RegExp])[] = [
  ['a wrong password', () => ['add-basic', one.url], 'john\nwrong\n', 3, /CredentialsInvalid/],
  ['what is no back-end', () => ['add-oidc', one.external.origin], '', 1, /no openEO/],
  ['a provider that is not listed', () => ['add-oidc', two.url, '--provider-id=x'], '', 2, /Invalid provider ID 'x'/],
  ['no provider', () => ['add-oidc', none.url], '', 1, /No OpenID Connect providers/],
  ['ten answers that are none', () => ['add-oidc', two.url], 'x\n'.repeat(10), 2, /Failed to pick valid option/],
  ['no client secret', () => ['add-oidc', one.url, '--client-id=c'], '', 2, /--client-secret-file/],
  ['no password', () => ['add-basic', one.url, '--username=u'], '', 2, /--password-file/],
  ['no back-end', () => ['oidc-auth'], '', 2, /Which back-end/],
  ['no such flow', () => ['oidc-auth', one.url, '--flow=x'], '', 2, /--flow/],
]

const dates =
  /"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"|"(?:openeo-python-client [^"]+|@latchkey\/file-store)"|"refresh_token": "[^"]+"/g
const content = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').replaceAll(dates, '…')
  } catch {
    return ''
  }
}

describe.skipIf(absent).concurrent('the openEO tool at a back-end (peer: openEO Python client)', () => {
  it.for(same)('%s prints and stores the same', async ([, words, input, prepare], { expect, onTestFinished }) => {
    const { ours, theirs, at, copy } = await both(words(), input, onTestFinished, prepare)
    expect(stdoutOf(ours, at, at)).toBe(stdoutOf(theirs, copy, at))
    expect([ours.code, theirs.code]).toEqual([0, 0])
    expect(content(at.config)).toBe(content(copy.config))
    expect(content(at.tokens)).toBe(content(copy.tokens))
  })

  it('a login that it made for a configured client gives tokens for the back-end', async ({
    expect,
    onTestFinished,
  }) => {
    const at = home(onTestFinished)
    await client(at, 'demo', two.url)
    expect((await approved(tool.start(['oidc-auth', two.url], at))).code).toBe(0)
    const [token, header] = [
      await auth(['token', issuer.issuer], { env: at.env }),
      await auth(['header', two.url], { env: at.env }),
    ]
    expect(issuer.verify(token.stdout.trim())).toMatchObject({ clientId: 'script' })
    expect(header.stdout).toBe(`Authorization: Bearer oidc/demo/${token.stdout}`)
    // Of several providers that are configured, the one with the login is meant.
    await authConfig({ env: at.env }).setOidcClient(two.url, 'plain', { issuer: 'https://other.example.org' })
    expect((await auth(['header', two.url], { env: at.env })).stdout).toBe(header.stdout)
  })

  it.for(failing)(
    '%s fails the same, with a line in the place of a traceback',
    async (row, { expect, onTestFinished }) => {
      const [, words, input, code, line] = row
      const { ours, theirs, at, copy } = await both(words(), input, onTestFinished)
      expect(stdoutOf(ours, at, at)).toBe(stdoutOf(theirs, copy, at))
      expect([ours.code, theirs.code === 0]).toEqual([code, false])
      expect(ours.stderr.trimEnd().split('\n').at(-1)).toMatch(line)
      expect(ours.stderr).not.toMatch(/Traceback|^ +at /m)
      expect([content(at.config), content(at.tokens)]).toEqual([content(copy.config), content(copy.tokens)])
    },
  )
})
