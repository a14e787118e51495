import { type AuthErrorCode, client, refreshToken } from '@latchkey/core'
import { type Provider, provider, type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

describe('a refresh at an OpenID provider', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider()
  })
  afterAll(() => at.close())

  test('brings a token and the next refresh token', async () => {
    const { refreshToken: first } = await at.issue({ login: 'pierre' })
    const made = client({ issuer: at.issuer, clientId: 'script' })
    const set = await refreshToken(made, first)()
    expect(at.verify(set.token.accessToken)).toMatchObject({ login: 'pierre' })
    expect(set.refreshToken).not.toBe(first)
    expect(set.idTokenClaims).toMatchObject({ sub: 'pierre' })
    const next = await refreshToken(made, set.refreshToken ?? '')()
    expect(at.verify(next.token.accessToken)).toMatchObject({ login: 'pierre' })
  })

  test('for less brings less', async () => {
    const login = await at.issue()
    const made = client({ issuer: at.issuer, clientId: 'script', scope: 'openid offline_access read' })
    const set = await refreshToken(made, login.refreshToken, { scope: 'openid' })()
    expect(set.scope).toBe('openid')
    expect(at.verify(set.token.accessToken)).toMatchObject({ scope: 'openid' })
  })

  test('of a token that was used already is LOGIN_REQUIRED', async () => {
    const login = await at.issue()
    const refresh = refreshToken(client({ issuer: at.issuer, clientId: 'script' }), login.refreshToken)
    await refresh()
    const error = await thrown(refresh())
    expect(error.code).toBe('LOGIN_REQUIRED')
    expect(error.message).toMatch(
      /^The refresh token grant failed at 127\.0\.0\.1:\d+ with 400: invalid_grant: .*\. Log in again\.$/,
    )
  })
})

describe('a refresh', () => {
  let issuer: ScriptedIssuer
  beforeEach(async () => {
    issuer = await scriptedIssuer([])
  })
  afterEach(() => issuer.close())

  const refreshed = (reply: Reply, request = {}) => {
    issuer.add({ request: 'POST /token', reply })
    return refreshToken(client({ issuer: issuer.issuer, clientId: 'c', scope: 'openid' }), 'RT-1', request)()
  }

  test('sends the token, and what is asked for beyond it', async () => {
    const body = { access_token: 'AT', token_type: 'bearer' }
    expect((await refreshed({ body })).refreshToken).toBeUndefined()
    await refreshed({ body }, { scope: 'a', audience: 'one', resource: 'https://r.example/', parameters: { x: '1' } })
    const [plain, full] = issuer.received('/token').map((request) => request.form)
    expect(plain).toEqual({ grant_type: 'refresh_token', refresh_token: 'RT-1', client_id: 'c' })
    expect(full).toEqual({ ...plain, scope: 'a', audience: 'one', resource: 'https://r.example/', x: '1' })
  })

  const iam = (error: string, description: string): Reply => ({
    status: 401,
    headers: { 'www-authenticate': `Bearer error="${error}", error_description="${description}"` },
    body: { error, error_description: description },
  })
  const lico = (error: string, description: string): Reply => ({
    status: 400,
    headers: { 'content-type': 'application/json; encoding=utf-8' },
    body: JSON.stringify({ error, error_description: description }),
  })
  test.each<[string, Reply, AuthErrorCode]>([
    ['IAM, a dead token', iam('invalid_token', 'Refresh token for value RT-1 was not found'), 'LOGIN_REQUIRED'],
    [
      'IAM, the token of another client',
      iam('invalid_client', 'Client does not own the presented refresh token'),
      'CONFIG_INVALID',
    ],
    ['IAM, a wrong secret', iam('unauthorized', 'Bad credentials'), 'CONFIG_INVALID'],
    ['lico, while it starts', lico('invalid_grant', 'user not found'), 'LOGIN_REQUIRED'],
    ['lico, an unknown client', lico('access_denied', 'unknown client_id: c'), 'CONFIG_INVALID'],
    ['lico, a scope too wide', lico('insufficient_scope', 'scope too wide'), 'CONFIG_INVALID'],
    [
      'lico, a token that has ended: its own exp tells, see the session',
      lico('invalid_request', 'token is expired by 1s'),
      'RESPONSE_INVALID',
    ],
    ['Keycloak, the session has ended', lico('invalid_grant', 'Session not active'), 'LOGIN_REQUIRED'],
    ['a busy server', { status: 503, headers: { 'retry-after': '9' } }, 'SERVER_ERROR'],
  ])('refused by %s', async (_, reply, code) => {
    const error = await thrown(refreshed(reply))
    expect(error.code).toBe(code)
    expect(error.message).not.toContain('RT-1')
    expect(issuer.received('/token')).toHaveLength(1)
  })
})
