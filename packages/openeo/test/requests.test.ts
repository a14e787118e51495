import type { AuthError } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { authConfig } from '@latchkey/file-store'
import type { AuthenticateOptions, Authentication } from '@latchkey/openeo'
import { type OpeneoOptions, type Reply, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tokenInvalid } from '../src/token-invalid.ts'
import { type World, type WorldOptions, world } from './support/world.ts'

/** A machine at a back-end: its tokens are renewed without a person. */
async function machine(options: WorldOptions = {}): Promise<World & { authentication: Authentication }> {
  const at = await world(options)
  const how = { method: 'client_credentials', clientId: 'basic', clientSecret: at.issuer.clientSecret } as const
  return { ...at, authentication: await (await at.connect()).authenticate(how) }
}

async function statusOf(authentication: Authentication, url: string, init: RequestInit = {}): Promise<number> {
  const answer = await withAuth(authentication.authorizer)(url, init)
  await answer.body?.cancel()
  return answer.status
}

const sent = ({ backend }: World, path: string): readonly unknown[] =>
  backend.received(path).map(({ headers }) => headers['authorization'])

describe('renewal', () => {
  test.each([401, 403])('follows a %i TokenInvalid, once, and the request is sent again', async (status) => {
    const at = await machine({ backend: { refusal: { status, code: 'TokenInvalid' } } })
    const old = await at.authentication.source.getToken()
    at.issuer.withdraw(old.accessToken)
    expect(await statusOf(at.authentication, `${at.backend.root}/me`)).toBe(200)
    const fresh = await at.authentication.source.getToken()
    expect(sent(at, '/me')).toEqual([`Bearer oidc/egi/${old.accessToken}`, `Bearer oidc/egi/${fresh.accessToken}`])
  })

  test('of a token that is refused for ever is done once, and the answer is the caller’s', async () => {
    const at = await machine({ backend: { alwaysRefuse: true } })
    for (let call = 0; call < 5; call++) expect(await statusOf(at.authentication, `${at.backend.root}/me`)).toBe(403)
    expect(at.issuer.stats.issued['client_credentials']).toBe(2)
  })

  test.each([
    [401, 'AuthenticationRequired'],
    [401, 'TokenExchangeFailure'],
    [403, 'PermissionsInsufficient'],
    [403, 'CredentialsInvalid'],
    [400, 'TokenInvalid'],
  ])('does not follow %i %s: the answer is the caller’s', async (status, code) => {
    const at = await machine({ backend: { alwaysRefuse: true, refusal: { status, code } } })
    expect(await statusOf(at.authentication, `${at.backend.root}/me`)).toBe(status)
    expect(sent(at, '/me')).toHaveLength(1)
  })

  test.each<[string, Reply]>([
    ['a web page', { status: 401, body: '<html>TokenInvalid</html>' }],
    ['a list', { status: 401, body: '["TokenInvalid"]' }],
    ['nothing', { status: 401 }],
    [
      'a challenge that asks for more',
      { status: 403, headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="x"' }, body: {} },
    ],
    ['a code that is no text', { status: 403, body: { code: ['TokenInvalid'] } }],
  ])('does not follow a refusal with %s', async (_, reply) => {
    const answer: OpeneoOptions['answer'] = ({ path }) => (path.endsWith('/me') ? reply : undefined)
    const at = await machine({ backend: { answer } })
    expect(await statusOf(at.authentication, `${at.backend.root}/me`)).toBe(reply.status)
    expect(sent(at, '/me')).toHaveLength(1)
  })

  test('follows a TokenInvalid also where the request has a body', async () => {
    const at = await machine()
    const { accessToken } = await at.authentication.source.getToken()
    at.issuer.withdraw(accessToken)
    const body = JSON.stringify({ process: { process_graph: {} }, title: 'x'.repeat(1_000) })
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    expect(await statusOf(at.authentication, `${at.backend.root}/jobs`, init)).toBe(201)
    expect(sent(at, '/jobs')).toHaveLength(2)
  })

  test('reads a verdict from what an answer says alone', async () => {
    const verdict = (status: number, text: string): Promise<string> => tokenInvalid({ status, text: async () => text })
    expect(await verdict(403, '\ufeff{"code":"TokenInvalid"}')).toBe('token')
    expect(await verdict(403, '{"code":"tokeninvalid"}')).toBe('caller')
    expect(await verdict(403, '{"message":"TokenInvalid"}')).toBe('caller')
    expect(await verdict(400, '{"code":"TokenInvalid"}')).toBe('caller')
  })
})

describe('the form of a token', () => {
  test.each(['listed', 'linked'] as const)('is the bare JWT where the conformance class is %s', async (jwt) => {
    const at = await machine({ backend: { jwt } })
    const { accessToken } = await at.authentication.source.getToken()
    expect(await statusOf(at.authentication, `${at.backend.root}/me`)).toBe(200)
    expect(sent(at, '/me')).toEqual([`Bearer ${accessToken}`])
    expect(at.authentication.format({ accessToken: 'T', tokenType: 'Bearer' })).toBe('T')
  })

  test.each<[string, object]>([
    [
      'another class',
      {
        conformsTo: [
          'https://api.openeo.org/1.3.0',
          'https://evil.example/https://api.openeo.org/1.3.0/authentication/jwt',
        ],
      },
    ],
    ['no list of classes', { conformsTo: 'https://api.openeo.org/1.3.0/authentication/jwt' }],
    ['a document that is not there', { links: [{ rel: 'conformance', href: 'nowhere' }] }],
    ['links that are none', { links: { rel: 'conformance' } }],
  ])('has its prefix where the back-end names %s', async (_, more) => {
    const endpoints = [{ path: '/credentials/oidc', methods: ['GET'] }]
    const answer: OpeneoOptions['answer'] = ({ path }) =>
      path.endsWith('/1.2.0/') ? { body: { api_version: '1.2.0', endpoints, ...more } } : undefined
    const { authentication } = await machine({ backend: { answer } })
    expect(authentication.format({ accessToken: 'T', tokenType: 'Bearer' })).toBe('oidc/egi/T')
  })
})

describe('a conformance document of another origin', () => {
  test('is not asked how tokens are sent', async () => {
    const elsewhere = await scriptedIssuer([])
    onTestFinished(() => elsewhere.close())
    const links = [{ rel: 'conformance', href: `${elsewhere.issuer}/conformance` }]
    const answer: OpeneoOptions['answer'] = ({ path }) =>
      path.endsWith('/1.2.0/') ? { body: { api_version: '1.2.0', links } } : undefined
    const { authentication } = await machine({ backend: { answer } })
    expect(authentication.format({ accessToken: 'T', tokenType: 'Bearer' })).toBe('oidc/egi/T')
    expect(elsewhere.requests).toEqual([])
  })
})

describe('a token', () => {
  test('goes to the origin of the root and to no other', async () => {
    const at = await machine()
    expect(at.authentication.authorizer.origins).toEqual([new URL(at.backend.root).origin])
    expect(await statusOf(at.authentication, `${at.backend.external.origin}/x`)).toBe(200)
    expect(at.backend.external.arrivals.map(({ headers }) => headers['authorization'])).toEqual([undefined])
  })
})

describe('user and password at the back-end', () => {
  const basic = (user: Partial<{ username: string; password: string }>): AuthenticateOptions => ({
    method: 'basic',
    ...user,
  })
  const john = { username: 'john', password: 'j0hn123' }

  test('give tokens with their own prefix; one that is refused later is asked for again with the same credentials', async () => {
    const at = await world()
    const authentication = await (await at.connect()).authenticate(basic(john))
    expect([authentication.method, authentication.provider, authentication.choice]).toEqual([
      'basic',
      undefined,
      undefined,
    ])
    const { accessToken } = await authentication.source.getToken()
    at.backend.refuse(accessToken)
    expect(await statusOf(authentication, `${at.backend.root}/me`)).toBe(200)
    const fresh = await authentication.source.getToken()
    expect(sent(at, '/me')).toEqual([`Bearer basic//${accessToken}`, `Bearer basic//${fresh.accessToken}`])
  })

  test('are not asked for in a loop by a back-end that refuses everything', async () => {
    const at = await world({ backend: { alwaysRefuse: true } })
    const authentication = await (await at.connect()).authenticate(basic(john))
    for (let call = 0; call < 5; call++) expect(await statusOf(authentication, `${at.backend.root}/me`)).toBe(403)
    expect(at.backend.received('/credentials/basic')).toHaveLength(2)
  })

  test('are not asked for in a loop by a back-end that gives the refused token again', async () => {
    const same: OpeneoOptions['answer'] = ({ path }) =>
      path.endsWith('/credentials/basic') ? { body: { access_token: 'same' } } : undefined
    const at = await world({ backend: { answer: same } })
    const authentication = await (await at.connect()).authenticate(basic(john))
    for (let call = 0; call < 5; call++) expect(await statusOf(authentication, `${at.backend.root}/me`)).toBe(403)
    expect(at.backend.received('/credentials/basic').length).toBeLessThan(5)
  })

  test('are bare too where the back-end takes bare tokens', async () => {
    const at = await world({ backend: { jwt: 'listed' } })
    const authentication = await (await at.connect()).authenticate(basic(john))
    expect(await statusOf(authentication, `${at.backend.root}/me`)).toBe(200)
    expect(sent(at, '/me')[0]).toMatch(/^Bearer b-/)
  })

  test('may hold any character, and are sent as UTF-8 (RFC 7617)', async () => {
    const user = { username: 'jöhn', password: 'пароль:€ 😀' }
    const at = await world({ backend: { users: { [user.username]: user.password } } })
    expect((await (await at.connect()).authenticate(basic(user))).method).toBe('basic')
  })

  test('come from auth-config.json where they are not given, the password for its own user alone', async () => {
    const at = await world()
    await authConfig({ env: at.env }).setBasic(at.backend.url, john)
    const connected = await at.connect()
    expect((await connected.authenticate(basic({}))).method).toBe('basic')
    expect((await connected.authenticate(basic({ username: 'john' }))).method).toBe('basic')
    const other = await connected.authenticate(basic({ username: 'eve' })).catch((error: AuthError) => error)
    expect(other).toMatchObject({
      code: 'LOGIN_REQUIRED',
      message: expect.stringContaining('No username/password given or found'),
    })
    expect(at.backend.received('/credentials/basic')).toHaveLength(2)
  })

  test('that are wrong are LOGIN_DENIED with the words of the back-end and without the password', async () => {
    const echo: OpeneoOptions['answer'] = ({ path }) =>
      path.endsWith('/credentials/basic')
        ? {
            status: 403,
            body: { code: 'CredentialsInvalid', message: `Not wr0ng"-\u001b[1m. ${btoa('john:wr0ng"-')}`, id: 'r-9' },
          }
        : undefined
    const at = await world({ backend: { answer: echo } })
    const work = (await at.connect()).authenticate(basic({ username: 'john', password: 'wr0ng"-' }))
    const error = await work.catch((thrown: AuthError) => thrown)
    expect(error).toMatchObject({ code: 'LOGIN_DENIED' })
    expect((error as AuthError).message).toBe(
      `${at.backend.root}/credentials/basic refused user 'john': [403] CredentialsInvalid: Not <redacted>\\u001b[1m. <redacted> (ref: r-9). Check user name and password.`,
    )
  })

  test('follow no redirect, not even within the origin', async () => {
    const away: OpeneoOptions['answer'] = ({ path }) =>
      path.endsWith('/credentials/basic') ? { status: 307, headers: { location: '/elsewhere' } } : undefined
    const at = await world({ backend: { answer: away } })
    const work = (await at.connect()).authenticate(basic(john))
    await expect(work).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(at.backend.arrivals.some(({ path }) => path === '/elsewhere')).toBe(false)
  })

  test('are UNSUPPORTED where the back-end does not list them, and are not sent', async () => {
    const at = await world({ backend: { users: {} } })
    const work = (await at.connect()).authenticate(basic(john))
    await expect(work).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(at.backend.received('/credentials/basic')).toEqual([])
  })
})
