import { client, password } from '@latchkey/core'
import { type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

describe('a name and a password', () => {
  let issuer: ScriptedIssuer
  beforeEach(async () => {
    issuer = await scriptedIssuer([])
  })
  afterEach(() => issuer.close())

  const account = { username: 'robot é', password: 'pass&word=1' }
  const answered = (reply: Reply) => {
    issuer.add({ request: 'POST /token', reply })
    return client({ issuer: issuer.issuer, clientId: 'c', scope: 'read' })
  }
  const good: Reply = { body: { access_token: 'AT', token_type: 'Bearer', refresh_token: 'RT' } }

  test('bring a login, with what a step-up asks for on top', async () => {
    const set = await password(answered(good), { ...account, audience: 'a' })({ stepUp: { scope: 'write' } })
    expect(issuer.received('/token')[0]?.form).toEqual({
      grant_type: 'password',
      ...account,
      scope: 'read write',
      audience: 'a',
      client_id: 'c',
    })
    expect(set).toMatchObject({ token: { accessToken: 'AT' }, refreshToken: 'RT', scope: 'read write' })
  })

  test('stay what they are, whatever else is sent', async () => {
    const parameters = { otp: '123456', grant_type: 'x', username: 'y', password: 'z' }
    await password(answered(good), { ...account, parameters })()
    expect(issuer.received('/token')[0]?.form).toMatchObject({ grant_type: 'password', ...account, otp: '123456' })
  })

  test('that the issuer refuses are LOGIN_DENIED, and are not repeated', async () => {
    const description = `Invalid credentials: ${account.username} ${account.password}`
    const body = { error: 'invalid_grant', error_description: description }
    const error = await thrown(password(answered({ status: 400, body }), account)())
    expect(error.code).toBe('LOGIN_DENIED')
    expect(error.message).toContain('with 400: invalid_grant: Invalid credentials: <redacted> <redacted>.')
  })

  test('at an issuer that takes none from this client are CONFIG_INVALID', async () => {
    const body = { error: 'unauthorized_client' }
    const error = await thrown(password(answered({ status: 400, body }), account)())
    expect(error.code).toBe('CONFIG_INVALID')
  })
})
