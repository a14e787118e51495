import { inspect } from 'node:util'
import { client, clientCredentials } from '@latchkey/core'
import { type Provider, provider, type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { signingIssuer } from '../issuer/signing-issuer.ts'
import { thrown } from '../issuer/thrown.ts'

const api = 'https://api.example.org/'

describe('client credentials at an OpenID provider', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider({ resources: { [api]: 'read write' }, accessTokenTtl: 60 })
  })
  afterAll(() => at.close())

  const made = (scope?: string) =>
    client({ issuer: at.issuer, clientId: 'basic', clientSecret: at.clientSecret, scope })

  test('give a token of the client itself', async () => {
    const before = Date.now()
    const set = await clientCredentials(made())()
    expect(at.verify(set.token.accessToken)).toMatchObject({ clientId: 'basic', login: undefined })
    expect(set.token.expiresAt).toBeGreaterThanOrEqual(before + 60_000)
    expect(set.token.expiresAt).toBeLessThanOrEqual(Date.now() + 60_000)
  })

  test('for a resource give a token for that one, with the scope of the request or else of the client', async () => {
    const wide = await clientCredentials(made('read write'), { resource: api })()
    expect(at.verify(wide.token.accessToken)).toMatchObject({ audience: api, scope: 'read write' })
    const narrow = await clientCredentials(made('read write'), { resource: api, scope: 'read' })()
    expect(at.verify(narrow.token.accessToken)).toMatchObject({ audience: api, scope: 'read' })
    expect(narrow.scope).toBe('read')
  })

  test('for a resource that is not known are CONFIG_INVALID', async () => {
    const error = await thrown(clientCredentials(made(), { resource: 'https://other.example/' })())
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', refusal: { error: 'invalid_target' } })
  })
})

describe('client credentials', () => {
  let issuer: ScriptedIssuer
  beforeEach(async () => {
    issuer = await scriptedIssuer([])
  })
  afterEach(() => issuer.close())

  const answering = (reply: Reply) => {
    issuer.add({ request: 'POST /token', reply })
    return client({ issuer: issuer.issuer, clientId: 'c', clientSecret: 's' })
  }
  const good = { body: { access_token: 'AT', token_type: 'bearer', refresh_token: 'RT' } }

  test('leave a refresh token alone', async () => {
    const set = await clientCredentials(answering(good))()
    expect(set).toEqual({ token: { accessToken: 'AT', tokenType: 'Bearer' } })
    expect(Object.isFrozen(set)).toBe(true)
  })

  test('show no ID token, wherever they are printed', async () => {
    const at = await signingIssuer()
    onTestFinished(() => at.close())
    at.grants({ id_token: await at.idToken() })
    const set = await clientCredentials(client({ issuer: at.issuer, clientId: 'c' }))()
    expect(set.idToken).toMatch(/^eyJ/)
    expect(inspect(set) + JSON.stringify(set)).not.toContain('eyJ')
  })

  test('send each audience and resource, and other parameters as they are; what is fixed stays', async () => {
    const parameters = { subject: 'x y', grant_type: 'password' }
    const request = { scope: 'a b', audience: ['one', 'two'], resource: ['https://r.example/'], parameters }
    await clientCredentials(answering(good), request)()
    expect(issuer.received('/token')[0]?.body).toBe(
      'subject=x+y&grant_type=client_credentials&scope=a+b&audience=one&audience=two&resource=https%3A%2F%2Fr.example%2F',
    )
  })

  test('ask for no scope where nobody named one', async () => {
    await clientCredentials(answering(good))()
    expect(issuer.received('/token')[0]?.form).toEqual({ grant_type: 'client_credentials' })
  })

  test.each(['access_denied', 'invalid_grant', 'unauthorized'])(
    'refused with %s are no matter of a person',
    async (error) => {
      const refused = await thrown(clientCredentials(answering({ status: 403, body: { error } }))())
      expect(refused).toMatchObject({ code: 'CONFIG_INVALID', refusal: { error, status: 403 } })
    },
  )

  test('are asked for once: the request may have arrived', async () => {
    expect(await thrown(clientCredentials(answering({ fault: 'reset' }))())).toMatchObject({ code: 'NETWORK' })
    expect(await thrown(clientCredentials(answering({ status: 503 }))())).toMatchObject({ code: 'SERVER_ERROR' })
    expect(issuer.received('/token')).toHaveLength(2)
    expect(issuer.unexpected).toEqual([])
  })

  test('where the issuer has no token endpoint are UNSUPPORTED', async () => {
    const fetch = async (): Promise<Response> => Response.json({ issuer: 'https://a.example' })
    const error = await thrown(clientCredentials(client({ issuer: 'https://a.example', clientId: 'c', fetch }))())
    expect(error).toMatchObject({ code: 'UNSUPPORTED', message: 'https://a.example offers no token endpoint.' })
  })
})
