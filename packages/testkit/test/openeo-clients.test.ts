import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, describe, onTestFinished, test } from 'vitest'
import { type OpeneoBackend, openeoBackend, type Provider, provider, pythonClient } from '../src/index.ts'

const { python, absent } = pythonClient()

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code+pkce'

type Finished = typeof onTestFinished

async function both(finished: Finished): Promise<{ readonly issuer: Provider; readonly backend: OpeneoBackend }> {
  const issuer = await provider({ accessTokenTtl: 60 })
  finished(() => issuer.close())
  const backend = await openeoBackend({
    providers: [
      {
        id: 'egi',
        issuer: issuer.issuer,
        title: 'EGI',
        scopes: ['openid', 'email'],
        default_clients: [{ id: 'script', grant_types: [deviceGrant, 'refresh_token'], redirect_urls: [] }],
      },
    ],
    verify: issuer.verify,
  })
  finished(() => backend.close())
  return { issuer, backend }
}

type Line = Readonly<Record<string, unknown>>

/** Runs the Python program in a home of its own; `saw` is told of each line at once. */
async function runPython(
  words: readonly string[],
  finished: Finished,
  saw: (line: Line) => Promise<void> = async () => {},
): Promise<readonly Line[]> {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-'))
  finished(() => rmSync(home, { recursive: true, force: true }))
  const script = new URL('./programs/openeo-client.py', import.meta.url).pathname
  const child = spawn(python, [script, ...words], {
    env: { PATH: process.env['PATH'], HOME: home, OPENEO_CONFIG_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (data) => (said += String(data)))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const lines: Line[] = []
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line
    lines.push(line)
    await saw(line)
  }
  if ((await ended) !== 0) throw new Error(said)
  return lines
}

const userOf = (line: Line | undefined): readonly unknown[] => [line?.['user'], line?.['header']]

const ranJob = {
  status: 'finished',
  logs: ['The job is finished.'],
  loaded: { 'result.json': { computed: true }, 'moved.json': { external: true }, 'external.json': { external: true } },
}

describe.skipIf(absent).concurrent('the real openEO Python client (peer)', { timeout: 600_000 }, () => {
  test('accepts the back-end: version, documents, Basic login, account and a batch job', async ({
    expect,
    onTestFinished: finished,
  }) => {
    const { backend } = await both(finished)
    const [facts, job] = await runPython(['basic', backend.url], finished)
    expect(facts).toEqual({
      root: backend.root,
      collections: ['SENTINEL2_L2A'],
      user: 'john',
      header: 'basic/',
      formats: ['JSON'],
      processes: ['load_collection', 'save_result', 'add'],
      others: [{}, {}],
      jobs: [],
    })
    expect(job).toEqual(ranJob)
    expect(backend.external.arrivals.map(({ headers }) => headers['authorization'])).toEqual([undefined, undefined])
  })

  test('logs in with the device flow, approved by a person', async ({ expect, onTestFinished: finished }) => {
    const { issuer, backend } = await both(finished)
    const lines = await runPython(['device', backend.url], finished, async ({ visit }) => {
      const code = typeof visit === 'string' ? new URL(visit).searchParams.get('user_code') : null
      if (code !== null) await issuer.approve(code, { login: 'ana' })
    })
    expect(userOf(lines[1])).toEqual(['ana', 'oidc/egi'])
    expect(lines[2]).toEqual(ranJob)
  })

  test('uses a refresh token, and the credentials of a machine', async ({ expect, onTestFinished: finished }) => {
    const { issuer, backend } = await both(finished)
    const { refreshToken } = await issuer.issue({ login: 'marie' })
    const [person, machine] = await Promise.all([
      runPython(['refresh', backend.url, refreshToken], finished),
      runPython(['credentials', backend.url, 'post', issuer.clientSecret], finished),
    ])
    expect(userOf(person[0])).toEqual(['marie', 'oidc/egi'])
    expect(userOf(machine[0])).toEqual(['post', 'oidc/egi'])
  })

  test('renews once on 401 or 403 with TokenInvalid, and on no other code', async ({
    expect,
    onTestFinished: finished,
  }) => {
    const { issuer, backend } = await both(finished)
    const withdrawn = new Set<string>()
    // The first token that asks for the account is withdrawn: the refusal comes in the middle of the work.
    const refusals = [
      { status: 403, code: 'TokenInvalid' },
      { status: 401, code: 'TokenInvalid' },
      { status: 403, code: 'PermissionsInsufficient' },
    ]
    for (const refusal of refusals) {
      backend.settings.refusal = refusal
      withdrawn.clear()
      backend.settings.answer = ({ path, headers }) => {
        const token = headers['authorization']?.split('/').at(-1)
        if (!path.endsWith('/me') || token === undefined || withdrawn.size > 0) return undefined
        withdrawn.add(token)
        issuer.withdraw(token)
        return undefined
      }
      const words = ['credentials', backend.url, 'post', issuer.clientSecret]
      const ran = runPython(words, finished)
      if (refusal.code === 'TokenInvalid') expect((await ran)[1]).toEqual(ranJob)
      else await expect(ran).rejects.toThrow('[403] PermissionsInsufficient')
    }
  })
})

interface JsJob {
  readonly status: string
  startJob(): Promise<JsJob>
  describeJob(): Promise<JsJob>
  downloadResults(folder: string): Promise<readonly string[]>
}
interface JsProvider {
  setGrant(grant: string): void
  setClientId(id: string): void
  setClientSecret(secret: string): void
  login(): Promise<void>
  getProviderId(): string
}
interface JsConnection {
  authenticateBasic(user: string, password: string): Promise<void>
  listAuthProviders(): Promise<readonly JsProvider[]>
  listCollections(): Promise<{ readonly collections: readonly { readonly id: string }[] }>
  listProcesses(): Promise<{ readonly processes: readonly unknown[] }>
  listJobs(): Promise<readonly JsJob[]>
  listFileTypes(): Promise<unknown>
  describeAccount(): Promise<{ readonly user_id: string }>
  createJob(process: object, title: string): Promise<JsJob>
  getBaseUrl(): string
}

describe('the real @openeo/js-client', () => {
  let connect: (url: string) => Promise<JsConnection>
  beforeAll(() => {
    // A dependency of the openeo package, whose tests are the ones that build on this back-end.
    const load = createRequire(new URL('../../openeo/package.json', import.meta.url))
    connect = (load('@openeo/js-client') as { OpenEO: { connect: typeof connect } }).OpenEO.connect
  })

  const process = { process_graph: { add: { process_id: 'add', arguments: { x: 1, y: 2 }, result: true } } }

  test('accepts the back-end: version, documents, Basic login, account and a batch job', async ({ expect }) => {
    const { backend } = await both(onTestFinished)
    const connection = await connect(backend.url)
    expect(connection.getBaseUrl()).toBe(backend.root)
    await connection.authenticateBasic('john', 'j0hn123')
    expect((await connection.listCollections()).collections.map(({ id }) => id)).toEqual(['SENTINEL2_L2A'])
    expect((await connection.listProcesses()).processes).toHaveLength(3)
    await connection.listFileTypes()
    expect((await connection.describeAccount()).user_id).toBe('john')
    let job = await (await connection.createJob(process, 'a job')).startJob()
    while (job.status !== 'finished') job = await job.describeJob()
    expect(await connection.listJobs()).toHaveLength(1)
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    expect(await job.downloadResults(folder)).toHaveLength(3)
    expect(backend.external.arrivals.map(({ headers }) => headers['authorization'])).toEqual([undefined, undefined])
  })

  test.for([
    ['no', false, 'oidc/egi/'],
    ['a listed', 'listed', ''],
    ['a linked', 'linked', ''],
  ] as const)('uses the credentials of a machine, with %s conformance to JWT', async ([, jwt, prefix], { expect }) => {
    const { issuer, backend } = await both(onTestFinished)
    backend.settings.jwt = jwt
    const connection = await connect(backend.url)
    const [egi] = await connection.listAuthProviders()
    egi?.setGrant('client_credentials')
    egi?.setClientId('post')
    egi?.setClientSecret(issuer.clientSecret)
    await egi?.login()
    expect((await connection.describeAccount()).user_id).toBe('post')
    const header = backend.received('/me')[0]?.headers['authorization']
    expect(header).toMatch(new RegExp(`^Bearer ${prefix}[^/]+$`))
  })
})
