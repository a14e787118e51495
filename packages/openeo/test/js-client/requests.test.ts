import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import type { Authentication } from '@latchkey/openeo'
import { withAuth } from '@latchkey/openeo/js-client'
import type { Arrival, Reply } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { WorldOptions } from '../support/world.ts'
import { type Scene, scene } from './scene.ts'

const process = { process_graph: { add: { process_id: 'add', arguments: { x: 1, y: 2 }, result: true } } } as never

interface Entered extends Scene {
  readonly authentication: Authentication
  token(): Promise<string>
}

/** A connection with a stored login, and nothing asked for yet. */
async function entered(options: WorldOptions = {}): Promise<Entered> {
  const at = await scene(options)
  await at.storeAsPython()
  const authentication = await withAuth(at.connection, { env: at.env, clock: at.clock })
  at.backend.clear()
  return { ...at, authentication, token: async () => (await authentication.source.getToken()).accessToken }
}

/** Answers one path below the root for good tokens; bad ones are refused as everywhere. */
function serve({ backend, issuer }: Scene, path: string, reply: (request: Arrival) => Reply): void {
  backend.settings.answer = (request) => {
    const { pathname } = new URL(request.path, backend.root)
    const token = request.headers['authorization']?.split('/').at(-1) ?? ''
    if (!pathname.endsWith(path)) return undefined
    if (issuer.verify(token) !== undefined) return reply(request)
    return { status: 403, body: { code: 'TokenInvalid', message: 'The token is bad.', links: [] } }
  }
}

/** What every list and description of js-client goes through. */
const get = ({ connection }: Scene, path: string): Promise<unknown> =>
  (connection as unknown as { _get(path: string): Promise<unknown> })._get(path)

describe('a token that ends', () => {
  test('in the middle of pages is renewed before the next page, and no refusal is seen', async () => {
    const at = await entered()
    const { connection, backend, issuer, pass, carried } = at
    serve(at, '/jobs', ({ path }) => {
      const page = Number(new URL(path, backend.root).searchParams.get('page') ?? '1')
      const links = page < 3 ? [{ rel: 'next', href: `${backend.root}/jobs?page=${page + 1}` }] : []
      return { body: { jobs: [{ id: `job-${page}`, status: 'created' }], links } }
    })
    const before = issuer.stats.refreshes
    const ids: string[] = []
    for await (const page of connection.paginateJobs() as unknown as AsyncIterable<
      readonly { readonly id: string }[]
    >) {
      ids.push(...page.map(({ id }) => id))
      if (ids.length === 1) pass(61_000)
    }
    expect(ids).toEqual(['job-1', 'job-2', 'job-3'])
    const [first, second, third] = carried('/jobs')
    expect([second === first, third === second, issuer.stats.refreshes - before]).toEqual([false, true, 1])
  })

  test.each([401, 403])(
    'by withdrawal is refused once (%i TokenInvalid), and the request is sent again whole',
    async (status) => {
      const { connection, backend, issuer, token } = await entered({
        backend: { refusal: { status, code: 'TokenInvalid' } },
      })
      issuer.withdraw(await token())
      const job = await connection.createJob(process, 'a job')
      expect(job.title).toBe('a job')
      const sends = backend.received('/jobs')
      expect(sends.map(({ body }) => (JSON.parse(body) as { title: string }).title)).toEqual(['a job', 'a job'])
      expect(await connection.listJobs()).toHaveLength(1)
    },
  )

  test('is told to whoever listens, and getToken() has the new one', async () => {
    const { connection, issuer, token } = await entered()
    const told: string[] = []
    connection.on('tokenChanged', (one: string) => told.push(one))
    issuer.withdraw(await token())
    await connection.describeAccount()
    const fresh = await token()
    expect([told, connection.getAuthProvider()?.getToken()]).toEqual([[fresh], `oidc/egi/${fresh}`])
  })

  test.each<[string, (at: Entered) => Promise<void>]>([
    ['expired', async ({ pass }) => pass(61_000)],
    ['withdrawn', async ({ issuer, token }) => issuer.withdraw(await token())],
  ])('(%s) is renewed once for 20 requests at a time', async (_, end) => {
    const at = await entered()
    await end(at)
    const before = at.issuer.stats.refreshes
    const users = await Promise.all(Array.from({ length: 20 }, () => at.connection.describeAccount()))
    expect(new Set(users.map(({ user_id }) => user_id))).toEqual(new Set(['marie']))
    expect(at.issuer.stats.refreshes - before).toBe(1)
  })

  test('is renewed for a download too, and js-client complains of nothing', async () => {
    const complaints = vi.spyOn(console, 'error').mockReturnValue()
    onTestFinished(() => complaints.mockRestore())
    const at = await entered()
    serve(at, '/files/a.txt', () => ({ body: { text: 'x'.repeat(100_000) } }))
    at.issuer.withdraw(await at.token())
    const data = await at.connection.download('/files/a.txt', true)
    expect(await text(data as never)).toHaveLength(100_011)
    expect([at.carried('/files/a.txt').length, complaints.mock.calls]).toEqual([2, []])
  })

  test('in front of an upload: a stream is sent once, and the next request is right', async () => {
    const at = await entered()
    serve(at, '/files/in.txt', ({ body }) => ({ body: { path: 'in.txt', size: body.length } }))
    const file = join(at.env.HOME, 'in.txt')
    writeFileSync(file, 'some bytes')
    at.pass(61_000)
    expect((await at.connection.uploadFile(file)).size).toBe(10)
    at.issuer.withdraw(await at.token())
    await expect(at.connection.uploadFile(file)).rejects.toMatchObject({ code: 'TokenInvalid' })
    expect((await at.connection.uploadFile(file)).size).toBe(10)
    expect(at.carried('/files/in.txt')).toHaveLength(3)
  })
})

describe('what is not ours', () => {
  test.each([
    [403, 'PermissionsInsufficient'],
    [401, 'AuthenticationRequired'],
    [401, 'TokenExchangeFailure'],
  ])('%i %s is the caller’s as js-client has it, and nothing is renewed', async (status, code) => {
    const refusal = { status, code, message: 'Not like this.' }
    const { connection, issuer, carried } = await entered({ backend: { refusal, alwaysRefuse: true } })
    const before = issuer.stats.refreshes
    const failed = connection.describeAccount()
    await expect(failed).rejects.toMatchObject({ code, message: 'Not like this.', response: { status } })
    expect([carried('/me').length, issuer.stats.refreshes - before]).toEqual([1, 0])
  })

  test('a token that is refused for ever is renewed once, and the refusal is the caller’s', async () => {
    const { connection, issuer, carried } = await entered({ backend: { alwaysRefuse: true } })
    const before = issuer.stats.refreshes
    for (let call = 0; call < 3; call++)
      await expect(connection.describeAccount()).rejects.toMatchObject({ code: 'TokenInvalid' })
    expect([carried('/me').length, issuer.stats.refreshes - before]).toEqual([4, 1])
  })

  test('a refusal of any length is whole for js-client, which reads it after us', async () => {
    const complaints = vi.spyOn(console, 'error').mockReturnValue()
    onTestFinished(() => complaints.mockRestore())
    const at = await entered()
    const message = 'No. '.repeat(50_000)
    serve(at, '/files/a.txt', () => ({ status: 403, body: { code: 'PermissionsInsufficient', message } }))
    const failed = at.connection.download('/files/a.txt', true)
    await expect(failed).rejects.toMatchObject({ code: 'PermissionsInsufficient', message })
    expect(at.carried('/files/a.txt')).toHaveLength(1)
  })

  test('another origin gets nothing: results, absolute links, redirects', async () => {
    const at = await entered()
    const { connection, backend } = at
    const external = `${backend.external.origin}/data`
    await connection.download(external, true)
    const pages = connection.paginateJobs()
    Object.assign(pages, { nextUrl: external })
    await expect(pages.nextPage()).rejects.toThrow('jobs')
    serve(at, '/files/moved', () => ({ status: 302, headers: { location: external } }))
    await connection.download('/files/moved', true)
    expect(backend.external.arrivals.map(({ headers }) => headers['authorization'])).toEqual(Array(3).fill(undefined))
    expect(at.carried('/files/moved')).toEqual([`Bearer oidc/egi/${await at.token()}`])
  })

  test('a redirect within the origin keeps the token', async () => {
    const at = await entered()
    serve(at, '/files/moved', () => ({ status: 307, headers: { location: `${at.backend.root}/me` } }))
    await at.connection.download('/files/moved', true)
    expect(at.carried('/me')).toEqual([`Bearer oidc/egi/${await at.token()}`])
  })

  test('a refusal of another origin, after a redirect, renews nothing', async () => {
    const at = await entered()
    const other = await scene()
    other.backend.settings.answer = () => ({ status: 403, body: { code: 'TokenInvalid', message: 'Bad.' } })
    other.backend.clear()
    serve(at, '/files/moved', () => ({ status: 302, headers: { location: `${other.backend.root}/me` } }))
    const before = at.issuer.stats.refreshes
    const failed = get(at, '/files/moved')
    await expect(failed).rejects.toMatchObject({ code: 'TokenInvalid' })
    expect([at.issuer.stats.refreshes - before, other.carried('/me')]).toEqual([0, [undefined]])
  })

  test('a chain of redirects that has left the origin comes back without the token', async () => {
    const at = await entered()
    const other = await scene()
    other.backend.settings.answer = () => ({ status: 302, headers: { location: `${at.backend.root}/me` } })
    serve(at, '/files/moved', () => ({ status: 302, headers: { location: `${other.backend.root}/me` } }))
    await expect(get(at, '/files/moved')).rejects.toMatchObject({ code: 'AuthenticationRequired' })
    expect(at.carried('/me')).toEqual([undefined])
  })

  test('results that js-client loads without a token get none', async () => {
    const at = await entered()
    const job = await (await at.connection.createJob(process)).startJob()
    while (job.status !== 'finished') await job.describeJob()
    at.backend.clear()
    const paths = await job.downloadResults(at.env.HOME)
    expect(paths).toHaveLength(3)
    const [listing, ...files] = at.backend.arrivals.map(({ headers }) => headers['authorization'])
    expect([listing, files]).toEqual([`Bearer oidc/egi/${await at.token()}`, [undefined, undefined]])
    expect(at.backend.external.arrivals.map(({ headers }) => headers['authorization'])).toEqual([undefined, undefined])
  })
})

describe('failures', () => {
  test('show no token, also those that js-client prints', async () => {
    const printed: string[] = []
    const complaints = vi
      .spyOn(console, 'error')
      .mockImplementation((error) => void printed.push(inspect(error, { depth: 20, showHidden: true })))
    onTestFinished(() => complaints.mockRestore())
    const at = await entered()
    const { connection } = at
    serve(at, '/files/broken', () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }))
    const errors = await Promise.all(
      [
        connection.download('/nowhere', true),
        connection.getJob('none'),
        connection.download('/files/broken', true),
      ].map((failed) => failed.catch((error: unknown) => error)),
    )
    expect(errors).toMatchObject([{ code: 'NotFound' }, { code: 'JobNotFound' }, { code: 'ECONNREFUSED' }])
    expect(printed).toEqual([expect.stringContaining('NotFound')])
    const secret = await at.token()
    for (const error of errors) printed.push(inspect(error, { depth: 20, showHidden: true }))
    for (const said of printed) expect(said.includes(secret)).toBe(false)
  })

  test('a login that ended elsewhere fails the request with what to do', async () => {
    const { connection, authentication } = await entered()
    await authentication.session?.logout()
    await expect(connection.listJobs()).rejects.toMatchObject({ name: 'AuthError', code: 'LOGIN_REQUIRED' })
  })

  test('a wait for a token is left when the caller gives up, as js-client reports it', async () => {
    const { connection, issuer, pass } = await entered()
    issuer.settings.tokenDelay = 500
    pass(61_000)
    const controller = new AbortController()
    const failed = connection.computeResult(process, null, null, controller)
    const other = connection.describeAccount()
    setTimeout(() => controller.abort(), 20)
    await expect(failed).rejects.toMatchObject({ code: 'ERR_CANCELED' })
    expect((await other).user_id).toBe('marie')
  })

  test('a file that is not there fails its upload, and not the program, while a token is waited for', async () => {
    const { connection, issuer, env, pass } = await entered()
    issuer.settings.tokenDelay = 100
    pass(61_000)
    await expect(connection.uploadFile(join(env.HOME, 'none.txt'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
