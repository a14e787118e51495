import {
  authorizationCode,
  client,
  clientCredentials,
  clientSecretBasic,
  deviceCode,
  discoverResource,
  endSessionUrl,
  refreshToken,
  register,
  revoke,
  userinfo,
} from '@latchkey/core'
import type { Reply } from '@latchkey/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { type SigningIssuer, signingIssuer } from '../issuer/signing-issuer.ts'
import { hasty, thrown } from '../issuer/thrown.ts'
import { answeredAt, loginAt, redirectUri, tokens } from './login-at.ts'

let at: SigningIssuer
afterEach(() => at.close())
const start = async (
  metadata?: Readonly<Record<string, unknown>> | ((issuer: string) => Readonly<Record<string, unknown>>),
) => {
  at = await signingIssuer(metadata === undefined ? {} : { metadata })
  return client({ issuer: at.issuer, clientId: 'c' })
}

// The rows of the checklist that a relying party is measured by, by their numbers: what a library leaves to its caller.
describe('a relying party and its issuer', () => {
  test('rp 1: takes the metadata of the issuer it asked for, give or take a slash, and of no other', async () => {
    const slashed = await start((issuer) => ({ issuer: `${issuer}/` }))
    expect((await slashed.metadata()).issuer).toBe(`${at.issuer}/`)
    await at.close()
    const other = await start({ issuer: 'https://evil.example' })
    expect(await thrown(other.metadata())).toMatchObject({ code: 'DISCOVERY_FAILED' })
    expect(() => client({ issuer: 'no address', clientId: 'c' })).toThrow(/https address/)
  })

  const unfit = [
    'http://iam.example.org/x',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://a:b@iam.example.org/x',
  ]
  test.each(unfit)('rp 2: sends nothing and nobody to %s, whatever the metadata calls it', async (url) => {
    const made = await start({ token_endpoint: url, authorization_endpoint: url, end_session_endpoint: url })
    const receive = (): never => expect.unreachable('nobody is sent there')
    const errors = [
      await thrown(clientCredentials(made)()),
      await thrown(authorizationCode(made, { redirectUri, receive })()),
      await thrown(endSessionUrl(made)),
    ]
    expect(errors.map(({ code }) => code)).toEqual(['CONFIG_INVALID', 'RESPONSE_INVALID', 'RESPONSE_INVALID'])
    for (const { message } of errors) expect(message).not.toContain('a:b@')
    at.add({
      request: 'POST /device_authorization',
      reply: { body: { device_code: 'D', user_code: 'U', verification_uri: url } },
    })
    expect(await thrown(deviceCode(made, { prompt: receive })())).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('rp 2: at an https issuer sends nothing and nobody to the programs of this machine', async () => {
    await start()
    const url = `${at.issuer}/inside`
    const metadata = { token_endpoint: url, authorization_endpoint: url, end_session_endpoint: url }
    const issuer = 'https://evil.example'
    const answer = () => Response.json({ issuer, ...metadata, registration_endpoint: url })
    const fetch = async (address: string, init?: RequestInit): Promise<Response> =>
      address.includes('well-known') ? answer() : globalThis.fetch(address, init)
    const made = client({ issuer, clientId: 'c', fetch })
    const receive = (): never => expect.unreachable('nobody is sent there')
    const headers = { 'www-authenticate': `Bearer resource_metadata="${url}"` }
    const unauthorized = (address: string): Response | undefined =>
      address.startsWith('https://api.example') ? new Response('', { status: 401, headers }) : undefined
    const request = { clientName: 'name', grantTypes: [], scope: 'openid' }
    const refused = await Promise.all(
      [
        clientCredentials(made)(),
        authorizationCode(made, { redirectUri, receive })(),
        endSessionUrl(made),
        register({ issuer, fetch }, request),
        discoverResource('https://api.example', {
          fetch: async (address, init) => unauthorized(address) ?? fetch(address, init),
        }),
      ].map((work) => thrown(work)),
    )
    for (const { code } of refused) expect(code).toMatch(/^(CONFIG|RESPONSE)_INVALID$/)
    expect(at.received('/inside')).toEqual([])
  })

  test('rp 3: follows no redirect of any endpoint, and says where it pointed', async () => {
    const made = await start()
    const reply: Reply = { status: 307, headers: { location: `${at.issuer}/elsewhere?x=AT-secret` } }
    for (const request of ['POST /token', 'POST /device_authorization', 'GET /userinfo', 'POST /revoke']) {
      at.add({ request, reply })
    }
    for (const run of [
      () => refreshToken(made, 'RT-secret')(),
      () => deviceCode(made, { prompt: () => undefined })(),
      () => userinfo(made, 'AT-secret', { subject: 'x' }),
    ]) {
      const error = await thrown(run())
      expect(error.code).toBe('RESPONSE_INVALID')
      expect(error.message).toMatch(/with 307: a redirect to 127\.0\.0\.1:\d+, which is not followed/)
    }
    expect(await revoke(made, 'RT-secret')).toBe(false)
    expect(at.received('/elsewhere')).toEqual([])
  })

  test('rp 12: chooses the one key that fits, and none where two do', async () => {
    await start()
    expect((await loginAt(at)).idTokenClaims).toBeDefined()
    await at.close()
    await start((issuer) => ({ jwks_uri: `${issuer}/two` }))
    const { keys } = (await (await fetch(`${at.issuer}/jwks`)).json()) as { keys: readonly object[] }
    const body = { keys: [...keys, ...keys].map((key) => ({ ...key, kid: undefined })) }
    at.add({ request: 'GET /two', reply: { body } })
    const without = await at.idToken({}, { kid: undefined })
    expect(await thrown(answeredAt(at, tokens({ id_token: without })))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('rp 13: fetches keys once for many logins, and anew where it knows none', async () => {
    await start()
    await loginAt(at)
    await loginAt(at)
    expect(at.received('/jwks')).toHaveLength(1)
    at.grants({ id_token: await at.idToken() })
    const fetch = globalThis.fetch.bind(globalThis)
    const another = client({ issuer: at.issuer, clientId: 'c', fetch: (url, init) => fetch(url, init) })
    expect((await clientCredentials(another)()).idTokenClaims).toBeDefined()
    expect(at.received('/jwks')).toHaveLength(2)
  })

  test('rp 23: sends a proof key by S256, whatever the metadata lists', async () => {
    await start({ code_challenge_methods_supported: ['plain'] })
    let asked: URLSearchParams | undefined
    const back = ({ url, state }: { readonly url: string; readonly state: string }): string => {
      asked = new URL(url).searchParams
      return `code=C&state=${state}`
    }
    await loginAt(at, { back })
    const verifier = at.received('/token')[0]?.form['code_verifier'] ?? ''
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier)))
    expect(asked?.get('code_challenge_method')).toBe('S256')
    expect(asked?.get('code_challenge')).toBe(digest.toString('base64url'))
  })

  test.each<[string, Reply, string]>([
    [
      'text/plain',
      { status: 400, headers: { 'content-type': 'text/plain' }, body: '{"error":"invalid_client"}' },
      'CONFIG_INVALID',
    ],
    [
      'problem+json',
      { status: 400, headers: { 'content-type': 'application/problem+json' }, body: '{"error":"invalid_scope"}' },
      'CONFIG_INVALID',
    ],
  ])('rp 30: reads a refusal under %s, and tokens under any type', async (type, refusal, code) => {
    await start()
    expect(await thrown(answeredAt(at, refusal))).toMatchObject({ code })
    const { body } = tokens()
    const set = await answeredAt(at, { headers: { 'content-type': type }, body: JSON.stringify(body) })
    expect(set.token.accessToken).toBe('AT')
  })

  test('rp 31: reads a refusal behind a challenge, and in the challenge alone', async () => {
    await start()
    const headers = { 'www-authenticate': 'Basic realm="x", Bearer error="invalid_client"' }
    for (const body of ['{"error":"invalid_client"}', '']) {
      expect(await thrown(answeredAt(at, { status: 401, headers, body }))).toMatchObject({ code: 'CONFIG_INVALID' })
    }
  })

  test.each<[number, string]>([
    [201, 'granted'],
    [204, 'RESPONSE_INVALID'],
    [302, 'RESPONSE_INVALID'],
    [404, 'RESPONSE_INVALID'],
    [500, 'SERVER_ERROR'],
    [503, 'SERVER_ERROR'],
  ])('rp 32: makes of %i at the token endpoint: %s', async (status, code) => {
    await start()
    const { body } = tokens()
    const work = answeredAt(at, status < 204 ? { status, body } : { status, headers: { 'retry-after': '7' } })
    if (code === 'granted') expect((await work).token.accessToken).toBe('AT')
    else
      expect(await thrown(work)).toMatchObject({
        code,
        ...(status > 204 && { refusal: { status, retryAfter: 7_000 } }),
      })
  })

  test.each<[string, Reply, string]>([
    ['rp 33: gives an answer that never comes its time', { fault: 'silent' }, 'TIMEOUT'],
    ['rp 33: and one that comes byte by byte', { fault: 'trickle' }, 'TIMEOUT'],
    ['rp 34: reads no body without end', { fault: 'endless' }, 'RESPONSE_INVALID'],
    ['rp 34: nor one that unpacks to 64 MiB', { fault: 'bomb' }, 'RESPONSE_INVALID'],
  ])('%s', async (_, reply, code) => {
    at = await signingIssuer()
    const timeoutMs = code === 'TIMEOUT' ? 20_000 : 2_000_000
    const made = client({ issuer: at.issuer, clientId: 'c', clock: hasty, timeoutMs })
    await made.metadata()
    at.add({ request: 'POST /token', reply })
    expect(await thrown(clientCredentials(made)())).toMatchObject({ code })
  })

  test('rp 37: encodes Basic as a form does: what needs no encoding stays', async () => {
    await start()
    at.add({ request: 'POST /token', reply: tokens() })
    const clientAuthentication = clientSecretBasic('my-secret_1.x +%')
    await clientCredentials(client({ issuer: at.issuer, clientId: 'my-client_1.x', clientAuthentication }))()
    const basic = String(at.received('/token')[0]?.headers['authorization']).replace('Basic ', '')
    expect(atob(basic)).toBe('my-client_1.x:my-secret_1.x+%2B%25')
  })

  test('rp 38: lets a client prove itself by a header of its own', async () => {
    await start()
    at.add({ request: 'POST /token', reply: tokens() })
    const made = client({
      issuer: at.issuer,
      clientId: 'c',
      clientAuthentication: ({ headers }) => headers.set('authorization', 'Custom x'),
    })
    await clientCredentials(made)()
    expect(at.received('/token')[0]?.headers['authorization']).toBe('Custom x')
  })

  test('rp 39: takes the metadata of the API it asked, and of no other', async () => {
    await start()
    const path = 'GET /.well-known/oauth-protected-resource/api'
    const described = (resource: string): Reply => ({ body: { resource, authorization_servers: [at.issuer] } })
    at.add({ request: 'GET /api', reply: { status: 401 }, times: 2 })
    at.add(
      { request: path, reply: described(`${at.issuer}/api`) },
      { request: path, reply: described('https://evil.example/') },
    )
    expect((await discoverResource(`${at.issuer}/api`)).issuers).toEqual([at.issuer])
    expect(await thrown(discoverResource(`${at.issuer}/api`))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })
})
