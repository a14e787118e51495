import { inspect } from 'node:util'
import { client, password } from '@latchkey/core'
import { type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

describe('the password grant', () => {
  let issuer: ScriptedIssuer
  beforeEach(async () => {
    issuer = await scriptedIssuer([])
  })
  afterEach(() => issuer.close())

  const answering = (reply: Reply, scope?: string) => {
    issuer.add({ request: 'POST /token', reply })
    return client({ issuer: issuer.issuer, clientId: 'c', clientSecret: 's', scope })
  }
  const good = { body: { access_token: 'AT', token_type: 'bearer', refresh_token: 'RT-1234' } }
  const john = { username: 'jöhn', password: 'p&ss wörd' }

  test('sends user and password in the form, and keeps the refresh token of the answer', async () => {
    const set = await password(answering(good), { ...john, scope: 'openid' })()
    expect(set).toMatchObject({ refreshToken: 'RT-1234', scope: 'openid', token: { accessToken: 'AT' } })
    const [request] = issuer.received('/token')
    expect(request?.form).toEqual({ grant_type: 'password', ...john, scope: 'openid' })
    expect(request?.body).toBe('grant_type=password&username=j%C3%B6hn&password=p%26ss+w%C3%B6rd&scope=openid')
  })

  test('asks for the scope of the client unless told otherwise; what is fixed stays', async () => {
    const parameters = { username: 'other', acr: 'x' }
    await password(answering(good, 'a b'), { ...john, parameters })()
    expect(issuer.received('/token')[0]?.form).toEqual({ acr: 'x', grant_type: 'password', ...john, scope: 'a b' })
  })

  test('refused with invalid_grant is LOGIN_DENIED, and the password is not repeated', async () => {
    const body = { error: 'invalid_grant', error_description: `no such user with ${john.password}` }
    const error = await thrown(password(answering({ status: 401, body }), john)())
    expect(error).toMatchObject({ code: 'LOGIN_DENIED', refusal: { error: 'invalid_grant' } })
    expect(inspect(error)).not.toContain(john.password)
  })

  test('refused for the client is CONFIG_INVALID', async () => {
    const error = await thrown(password(answering({ status: 400, body: { error: 'unauthorized_client' } }), john)())
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
