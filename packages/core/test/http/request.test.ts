import { execFileSync } from 'node:child_process'
import { type AuthError, systemClock } from '@latchkey/core'
import { type HttpAccess, request, showable } from '@latchkey/core/http'
import { type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'

const access: HttpAccess = { fetch, clock: systemClock, http: 'loopback', timeoutMs: 30_000 }

/** A server with one document. What issuers add to this is tested in `issuer/`. */
async function server(reply: Reply): Promise<ScriptedIssuer> {
  const made = await scriptedIssuer([{ request: 'GET /document', reply }], { noDiscovery: true })
  onTestFinished(() => made.close())
  return made
}

const failure = (how: HttpAccess, url: string): Promise<AuthError> =>
  request(how, url).then(
    () => expect.unreachable('it is no answer'),
    (error: AuthError) => error,
  )

describe('a request', () => {
  test('gives any status with its text, and what was sent that must not be shown', async () => {
    const { issuer } = await server({ status: 403, body: { message: 'not s3cret!' } })
    const headers = { authorization: 'Bearer s3cret!' }
    const answer = await request(access, `${issuer}/document`, { headers })
    expect(answer).toMatchObject({ status: 403, url: `${issuer}/document` })
    expect(showable(answer.text, answer.secrets)).toBe('{"message":"not <redacted>"}')
  })

  test('reads as much as it is told to', async () => {
    const body = ' '.repeat(3 * 1024 * 1024)
    const longestBody = body.length
    const { issuer } = await server({ body })
    expect((await request({ ...access, longestBody }, `${issuer}/document`)).text).toBe(body)
    const other = await server({ body: `${body} ` })
    const error = await failure({ ...access, longestBody }, `${other.issuer}/document`)
    expect(error).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(error.message).toContain('sent more than 3 MiB')
  })

  test.each([
    [undefined, 'server'],
    ['back-end', 'back-end'],
  ])('of a %s speaks of the %s', async (word, said) => {
    const { issuer } = await server({ body: new Uint8Array([0xff]) })
    const how = { ...access, server: word }
    const unfit = await failure(how, `${issuer}/document`)
    expect(unfit.message).toMatch(new RegExp(`not UTF-8\\. Check that it is the ${said}'s address\\.$`))
    const plain = await failure(how, 'http://user:pass@api.example.org/')
    expect(plain).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(plain.message).toMatch(new RegExp(`^api\\.example\\.org is not asked: the ${said} is asked at https`))
  })

  test('follows no redirect', async () => {
    const made = await server({ status: 307, headers: { location: '/elsewhere' } })
    expect((await request(access, `${made.issuer}/document`)).status).toBe(307)
    expect(made.requests).toHaveLength(1)
  })
})

test('the subpath loads a few files and nothing of the protocol', () => {
  const program = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
    const { request } = await import('@latchkey/core/http')
    const get = () => request({ fetch, clock: { sleep: () => new Promise(() => {}) }, http: 'nobody', timeoutMs: 1 }, 'http://x')
    await get().catch((error) => loaded.push(error.code))
    console.log(JSON.stringify(loaded.map((url) => url.replace(/^.*\\/core\\/src\\//, '')).toSorted()))`
  const cwd = new URL('.', import.meta.url).pathname
  const out = execFileSync(process.execPath, ['--input-type=module', '--no-warnings', '-e', program], { cwd })
  expect(JSON.parse(String(out))).toEqual([
    'CONFIG_INVALID',
    'errors.ts',
    ...['allowed-url', 'body-text', 'index', 'request'].map((name) => `http/${name}.ts`),
    ...['deadline', 'json', 'network-error', 'redact', 'retry'].map((name) => `issuer/${name}.ts`),
  ])
})
