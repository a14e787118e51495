import { client, refreshToken, revoke } from '@latchkey/core'
import { type Provider, provider, type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { discovered, hasty, thrown } from '../issuer/thrown.ts'

describe('a revocation at an OpenID provider', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider()
  })
  afterAll(() => at.close())

  test('ends a login, and is confirmed', async () => {
    const login = await at.issue()
    const made = client({ issuer: at.issuer, clientId: 'script' })
    expect(await revoke(made, login.refreshToken)).toBe(true)
    expect(await thrown(refreshToken(made, login.refreshToken)())).toMatchObject({ code: 'LOGIN_REQUIRED' })
  })

  test('of a token that nobody knows is confirmed: it is worth nothing (RFC 7009 section 2.2)', async () => {
    expect(await revoke(client({ issuer: at.issuer, clientId: 'script' }), 'nothing')).toBe(true)
  })

  test('of an access token', async () => {
    const login = await at.issue()
    const made = client({ issuer: at.issuer, clientId: 'script' })
    expect(await revoke(made, login.accessToken, { hint: 'access_token' })).toBe(true)
    expect(at.verify(login.accessToken)).toBeUndefined()
  })
})

describe('a revocation', () => {
  let issuer: ScriptedIssuer
  afterEach(() => issuer.close())

  const revoked = async (reply: Reply): Promise<boolean> => {
    const timeoutMs = reply.fault === 'silent' ? 2_000 : 600_000
    issuer = await scriptedIssuer([{ request: 'POST /revoke', reply }])
    await discovered(issuer.issuer)
    return revoke(
      client({ issuer: issuer.issuer, clientId: 'c', clientSecret: 's-1', clock: hasty, timeoutMs }),
      'RT-1',
    )
  }

  test('says what the token is, and proves who asks', async () => {
    expect(await revoked({})).toBe(true)
    const [request] = issuer.received('/revoke')
    expect(request?.form).toEqual({ token: 'RT-1', token_type_hint: 'refresh_token' })
    expect(request?.headers['authorization']).toBe(`Basic ${btoa('c:s-1')}`)
  })

  test.each<[number, boolean, Reply]>([
    [200, true, {}],
    [204, true, {}],
    [302, false, { headers: { location: '/' } }],
    [400, false, { body: { error: 'unsupported_token_type' } }],
    [401, false, { body: { error: 'invalid_client' } }],
    [403, false, {}],
    [405, false, { headers: { allow: 'GET' } }],
    [503, false, { headers: { 'retry-after': '1' } }],
  ])('answered with %i is confirmed: %s', async (status, confirmed, reply) => {
    expect(await revoked({ ...reply, status })).toBe(confirmed)
    expect(issuer.requests.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration', '/revoke'])
  })

  test.each<[string, Reply]>([
    ['NETWORK', { fault: 'reset' }],
    ['TIMEOUT', { fault: 'silent' }],
    ['RESPONSE_INVALID', { fault: 'endless' }],
  ])('that gets no answer is %s', async (code, reply) => {
    expect(await thrown(revoked(reply))).toMatchObject({ code })
  })

  test('where the issuer has no such endpoint is UNSUPPORTED', async () => {
    issuer = await scriptedIssuer([], { metadata: { revocation_endpoint: undefined } })
    const error = await thrown(revoke(client({ issuer: issuer.issuer, clientId: 'c' }), 'RT-1'))
    expect(error).toMatchObject({ code: 'UNSUPPORTED', message: `${issuer.issuer} offers no revocation endpoint.` })
  })
})
