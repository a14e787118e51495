import { inspect } from 'node:util'
import { authorizationCode, client, type DpopKey, dpopKey, type UserinfoOptions, userinfo } from '@latchkey/core'
import { type Provider, provider, type Reply } from '@latchkey/testkit'
import { decodeJwt, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type SigningIssuer, signingIssuer } from '../issuer/signing-issuer.ts'
import { thrown } from '../issuer/thrown.ts'

const redirectUri = 'http://127.0.0.1:12345/callback'

describe('userinfo at an OpenID provider', () => {
  const web = {
    client_id: 'signed',
    client_secret: 'a secret',
    grant_types: ['authorization_code'],
    response_types: ['code' as const],
    redirect_uris: ['https://app.example.org/callback'],
    userinfo_signed_response_alg: 'ES256' as const,
  }
  let plain: Provider
  let nonced: Provider
  beforeAll(async () => {
    plain = await provider({ clients: [web] })
    nonced = await provider({ dpopNonce: true })
  })
  afterAll(() => Promise.all([plain.close(), nonced.close()]))

  const logIn = async (at: Provider, clientId = 'browser', clientSecret?: string, key?: DpopKey) => {
    const made = client({ issuer: at.issuer, clientId, clientSecret, scope: 'openid profile email' })
    const redirect = clientId === 'browser' ? redirectUri : 'https://app.example.org/callback'
    const receive = async ({ url }: { readonly url: string }) => (await at.signIn(url, { login: 'ada' })).url
    const set = await authorizationCode(made, { redirectUri: redirect, receive })({ dpopKey: key })
    return { made, set, subject: String(set.idTokenClaims?.['sub']) }
  }

  test('is about the person whose token it is', async () => {
    const { made, set, subject } = await logIn(plain)
    expect(await userinfo(made, set.token, { subject })).toEqual({ sub: 'ada', name: 'ada', email: 'ada@example.org' })
    expect(await userinfo(made, set.token.accessToken, { subject })).toMatchObject({ sub: 'ada' })
  })

  test('comes as a JWT to a client that wants it signed', async () => {
    const { made, set, subject } = await logIn(plain, 'signed', 'a secret')
    expect(await userinfo(made, set.token, { subject })).toMatchObject({
      sub: 'ada',
      iss: plain.issuer,
      aud: 'signed',
    })
  })

  test('is asked with a proof for a token that is bound to a key, and with the nonce that is wanted', async () => {
    const key = await dpopKey()
    const { made, set, subject } = await logIn(nonced, 'browser', undefined, key)
    expect(await userinfo(made, { ...set.token, key }, { subject })).toMatchObject({ sub: 'ada' })
  })

  test('of a token that has ended is TOKEN_REFUSED, of one without openid CONFIG_INVALID', async () => {
    const { made, set, subject } = await logIn(plain)
    plain.withdraw(set.token.accessToken)
    expect(await thrown(userinfo(made, set.token, { subject }))).toMatchObject({ code: 'TOKEN_REFUSED' })
    const { accessToken } = await plain.issue({ scope: 'read' })
    const error = await thrown(userinfo(made, accessToken, { subject: undefined }))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain('Log in with the scope openid.')
  })
})

describe('userinfo', () => {
  let issuer: SigningIssuer
  afterEach(() => issuer.close())

  const said = async (
    reply: Reply | ((at: SigningIssuer) => Promise<Reply>),
    options: UserinfoOptions = { subject: 'marie' },
    metadata: Readonly<Record<string, unknown>> = {},
  ) => {
    issuer = await signingIssuer({ metadata })
    const made = typeof reply === 'function' ? await reply(issuer) : reply
    issuer.add({ request: 'GET /userinfo', reply: made })
    return userinfo(client({ issuer: issuer.issuer, clientId: 'c' }), 'AT-secret', options)
  }
  const jwt = (body: string): Reply => ({ headers: { 'content-type': 'application/jwt' }, body })

  test('is asked by GET with the token in the header, and frozen', async () => {
    const claims = await said({ body: { sub: 'marie', groups: ['a'] } })
    expect(claims).toEqual({ sub: 'marie', groups: ['a'] })
    expect(Object.isFrozen(claims)).toBe(true)
    expect(issuer.received('/userinfo')[0]?.headers).toMatchObject({
      authorization: 'Bearer AT-secret',
      accept: 'application/json, application/jwt',
    })
  })

  test('is asked once more with the nonce that a refusal brings', async () => {
    issuer = await signingIssuer()
    const headers = { 'dpop-nonce': 'n-1', 'www-authenticate': 'DPoP error="use_dpop_nonce"' }
    issuer.add({ request: 'GET /userinfo', reply: { status: 401, headers } })
    issuer.add({ request: 'GET /userinfo', reply: { body: { sub: 'marie' } } })
    const token = { accessToken: 'AT', tokenType: 'DPoP', key: await dpopKey() }
    const made = client({ issuer: issuer.issuer, clientId: 'c' })
    expect(await userinfo(made, token, { subject: 'marie' })).toEqual({ sub: 'marie' })
    const proofs = issuer.received('/userinfo').map((request) => decodeJwt(String(request.headers['dpop'])))
    expect(proofs.map((proof) => proof['nonce'])).toEqual([undefined, 'n-1'])
    expect(proofs[0]).toMatchObject({ htm: 'GET', htu: `${issuer.issuer}/userinfo`, ath: expect.any(String) })
  })

  test('does not repeat a token that no header can carry, whoever made it', async () => {
    issuer = await signingIssuer()
    const token = { accessToken: 'AT-se\ncret', tokenType: 'Bearer' }
    const error = await thrown(
      userinfo(client({ issuer: issuer.issuer, clientId: 'c' }), token, { subject: undefined }),
    )
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(inspect(error)).not.toContain('AT-se')
  })

  test('without a known subject is taken as it is', async () => {
    expect(await said({ body: { sub: 'pierre' } }, { subject: undefined })).toEqual({ sub: 'pierre' })
  })

  test.each<[string, object | string, string]>([
    ['another person', { sub: 'pierre' }, 'another person than the login (sub)'],
    ['nobody', { name: 'Marie' }, 'names nobody (sub)'],
    ['an empty name', { sub: '' }, 'names nobody (sub)'],
    ['a number', { sub: 5 }, 'names nobody (sub)'],
    ['a page', '<html>', 'names nobody (sub)'],
  ])('about %s is refused', async (_, body, says) => {
    const error = await thrown(said({ body }))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toContain(says)
    expect(error.message).not.toContain('pierre')
  })

  test('as a JWT that holds gives its claims', async () => {
    expect(await said(async (at) => jwt(await at.idToken({ groups: ['a'] })))).toMatchObject({
      sub: 'marie',
      groups: ['a'],
    })
  })

  const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"marie"}')}.`.replaceAll('=', '')
  const bad: readonly (readonly [string, (at: SigningIssuer) => Promise<string>])[] = [
    ['signed by somebody else', (at) => at.forged()],
    ['of another issuer', (at) => at.idToken({ iss: 'https://evil.example' })],
    ['for another client', (at) => at.idToken({ aud: 'other' })],
    ['about another person', (at) => at.idToken({ sub: 'pierre' })],
    ['that has ended', (at) => at.idToken({ exp: 1 })],
    ['that nobody signed', async () => unsigned],
    ['that is none', async () => 'x'],
  ]
  test.each(bad)('as a JWT %s is refused', async (_, make) => {
    for (const listed of [undefined, ['ES256', 'none']]) {
      const metadata = { userinfo_signing_alg_values_supported: listed }
      const error = await thrown(said(async (at) => jwt(await make(at)), { subject: 'marie' }, metadata))
      expect(error.code).toBe('RESPONSE_INVALID')
      await issuer.close()
    }
  })

  test('as a JWT with a shared secret is UNSUPPORTED, with what to change', async () => {
    const hs = () => new SignJWT({ sub: 'marie' }).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32))
    const metadata = { userinfo_signing_alg_values_supported: ['HS256'] }
    const error = await thrown(said(async () => jwt(await hs()), { subject: 'marie' }, metadata))
    expect(error.code).toBe('UNSUPPORTED')
    expect(error.message).toContain('userinfo_signed_response_alg')
  })

  test.each<[string, Reply]>([
    ['TOKEN_REFUSED', { status: 401 }],
    ['TOKEN_REFUSED', { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }],
    ['CONFIG_INVALID', { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>AT-secret' }],
    ['CONFIG_INVALID', { status: 403, body: { error: 'insufficient_scope' } }],
    ['SERVER_ERROR', { status: 500 }],
    ['RESPONSE_INVALID', { status: 302, headers: { location: 'https://evil.example/?AT-secret' } }],
  ])('is %s for %j, and its token is not repeated', async (code, reply) => {
    const error = await thrown(said(reply))
    expect(error.code).toBe(code)
    expect(error.message).not.toContain('AT-secret')
  })

  test('is not asked with a token that no header can carry, or where there is no such endpoint', async () => {
    issuer = await signingIssuer({ metadata: { userinfo_endpoint: undefined } })
    const made = client({ issuer: issuer.issuer, clientId: 'c' })
    expect(await thrown(userinfo(made, 'a\nb', { subject: 'x' }))).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(await thrown(userinfo(made, 'AT', { subject: 'x' }))).toMatchObject({ code: 'UNSUPPORTED' })
  })
})
