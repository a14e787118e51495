import { client, clientSecretPost, introspect } from '@latchkey/core'
import { type Provider, provider, type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

describe('an introspection at an OpenID provider', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider({ accessTokenTtl: 60 })
  })
  afterAll(() => at.close())
  const made = (clientSecret = at.clientSecret) => client({ issuer: at.issuer, clientId: 'basic', clientSecret })

  test('says what a token is, whose, and until when', async () => {
    const login = await at.issue({ login: 'pierre', scope: 'openid read' })
    const before = Date.now()
    const said = await introspect(made(), login.accessToken, { hint: 'access_token' })
    expect(said).toMatchObject({ active: true, clientId: 'script', subject: 'pierre', scope: 'openid read' })
    expect(said.claims).toMatchObject({ client_id: 'script', token_type: 'Bearer', iss: at.issuer })
    expect(said.expiresAt).toBeGreaterThan(before + 50_000)
    expect(said.expiresAt).toBeLessThan(before + 70_000)
    expect(await introspect(made(), login.refreshToken)).toMatchObject({ active: true })
  })

  test('of a token that nobody knows says that it is none', async () => {
    expect(await introspect(made(), 'nothing')).toEqual({ active: false, claims: { active: false } })
  })

  test('by a client with a wrong secret is CONFIG_INVALID', async () => {
    expect(await thrown(introspect(made('wrong'), 'AT-secret'))).toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('an introspection', () => {
  let issuer: ScriptedIssuer
  afterEach(() => issuer.close())
  const introspected = async (reply: Reply) => {
    issuer = await scriptedIssuer([{ request: 'POST /introspect', reply }])
    const clientAuthentication = clientSecretPost('s-1')
    return introspect(client({ issuer: issuer.issuer, clientId: 'c', clientAuthentication }), 'AT-secret')
  }

  test('never gives a token back, and keeps what else was said', async () => {
    const body = { active: true, token: 'AT-secret', access_token: 'AT-secret', groups: ['a'], exp: 'tomorrow', sub: 5 }
    const said = await introspected({ body })
    expect(said).toEqual({ active: true, claims: { active: true, groups: ['a'], exp: 'tomorrow', sub: 5 } })
    expect(Object.isFrozen(said) && Object.isFrozen(said.claims)).toBe(true)
    expect(issuer.received('/introspect')[0]?.form).toEqual({
      token: 'AT-secret',
      client_id: 'c',
      client_secret: 's-1',
    })
  })

  test.each([{ active: 'true' }, {}, [], 'no JSON'])('that answers %j is RESPONSE_INVALID', async (body) => {
    expect(await thrown(introspected({ body }))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test.each<[string, Reply]>([
    ['CONFIG_INVALID', { status: 401, body: { error: 'invalid_client' } }],
    ['CONFIG_INVALID', { status: 403, body: 'Forbidden' }],
    ['SERVER_ERROR', { status: 503 }],
    ['RESPONSE_INVALID', { status: 404, body: '<html>' }],
    ['RESPONSE_INVALID', { status: 302, headers: { location: '/login' } }],
  ])('is %s for %j, and its token is not repeated', async (code, reply) => {
    const error = await thrown(introspected(reply))
    expect(error.code).toBe(code)
    expect(error.message).not.toMatch(/AT-secret|s-1/)
  })

  test('where the issuer has no such endpoint is UNSUPPORTED', async () => {
    issuer = await scriptedIssuer([], { metadata: { introspection_endpoint: undefined } })
    const error = await thrown(introspect(client({ issuer: issuer.issuer, clientId: 'c' }), 'AT'))
    expect(error).toMatchObject({ code: 'UNSUPPORTED' })
  })
})
