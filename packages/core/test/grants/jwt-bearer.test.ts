import { type AssertionRequest, client, type JwtBearerOptions, jwtBearer } from '@latchkey/core'
import { type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

describe('a JWT presented as a grant', () => {
  let issuer: ScriptedIssuer
  beforeEach(async () => {
    issuer = await scriptedIssuer([])
  })
  afterEach(() => issuer.close())

  const presented = (options: JwtBearerOptions, reply: Reply, clientSecret?: string) => {
    issuer.add({ request: 'POST /token', reply })
    return jwtBearer(client({ issuer: issuer.issuer, clientId: 'c', clientSecret, scope: 'own' }), options)()
  }
  const good: Reply = { body: { access_token: 'AT', token_type: 'Bearer', expires_in: 60 } }

  test('brings a token for what it asks', async () => {
    const set = await presented({ assertion: 'ASSERTION-1', audience: 'a', scope: 'read' }, good)
    expect(issuer.received('/token')[0]?.form).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: 'ASSERTION-1',
      scope: 'read',
      audience: 'a',
      client_id: 'c',
    })
    expect(set).toMatchObject({ token: { accessToken: 'AT' }, scope: 'read' })
  })

  test('is made anew for each exchange, for this issuer, by a client that may also prove who it is', async () => {
    const requests: AssertionRequest[] = []
    const assertion = (request: AssertionRequest): string => `A-${requests.push(request)}`
    for (let time = 1; time <= 2; time++) await presented({ assertion }, good, 's')
    expect(requests[0]).toEqual({ issuer: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token`, clientId: 'c' })
    expect(issuer.received('/token').map(({ form }) => form['assertion'])).toEqual(['A-1', 'A-2'])
    expect(issuer.received('/token')[0]?.headers['authorization']).toBe(`Basic ${btoa('c:s')}`)
  })

  test('that the issuer refuses is CONFIG_INVALID, and is not repeated', async () => {
    const reply = { status: 400, body: { error: 'invalid_grant', error_description: 'bad ASSERTION-1' } }
    const error = await thrown(presented({ assertion: 'ASSERTION-1' }, reply))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(/^The jwt bearer grant failed at \S+ with 400: invalid_grant: bad <redacted>\./)
  })

  test('that nothing makes is CONFIG_INVALID', async () => {
    const error = await thrown(presented({ assertion: async () => '' }, good))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(issuer.received('/token')).toEqual([])
  })
})
