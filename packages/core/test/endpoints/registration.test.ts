import { inspect } from 'node:util'
import {
  client,
  clientCredentials,
  deleteRegistration,
  deviceCode,
  type Registration,
  type RegistrationRequest,
  readRegistration,
  register,
  updateRegistration,
} from '@latchkey/core'
import { type Provider, provider, type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hasty, thrown } from '../issuer/thrown.ts'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

describe('a registration at an OpenID provider', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider()
  })
  afterAll(() => at.close())

  const machine = { clientName: 'machine', grantTypes: ['client_credentials'], scope: 'read' }

  test('gives a client that works, until it is deleted', async () => {
    const made = await register(at, machine)
    expect(made).toMatchObject({
      clientId: expect.any(String),
      clientSecret: expect.any(String),
      registrationUri: `${at.issuer}/reg/${made.clientId}`,
      registrationToken: expect.any(String),
      differences: [],
      metadata: { client_name: 'machine', grant_types: ['client_credentials'] },
    })
    const { clientId, clientSecret } = made
    const grant = clientCredentials(client({ issuer: at.issuer, clientId, clientSecret }))
    expect(at.verify((await grant()).token.accessToken)).toMatchObject({ clientId })
    await deleteRegistration(at, made)
    expect(await thrown(grant())).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(await thrown(readRegistration(at, made))).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('is read and changed, and keeps what is not said again', async () => {
    const made = await register(at, machine)
    const read = await readRegistration(at, made)
    expect(read).toMatchObject({ clientId: made.clientId, clientSecret: made.clientSecret })
    expect(read.registrationToken).toEqual(expect.any(String))
    const changed = await updateRegistration(at, read, { ...machine, clientName: 'another name' })
    expect(changed.metadata).toMatchObject({ client_name: 'another name' })
    expect(changed.clientSecret).toBe(made.clientSecret)
    expect((await readRegistration(at, changed)).metadata).toMatchObject({ client_name: 'another name' })
  })

  test('of a public client for people, with a loopback address, logs people in', async () => {
    const { clientId, clientSecret, metadata } = await register(at, {
      clientName: 'script',
      grantTypes: ['authorization_code', deviceGrant, 'refresh_token'],
      scope: 'openid offline_access',
      redirectUris: ['http://127.0.0.1/callback'],
      tokenEndpointAuthMethod: 'none',
    })
    expect([clientSecret, metadata['application_type']]).toEqual([undefined, 'native'])
    const made = client({ issuer: at.issuer, clientId, scope: 'openid', clock: hasty, timeoutMs: 2_000_000 })
    const set = await deviceCode(made, { prompt: ({ userCode }) => at.approve(userCode) })()
    expect(at.verify(set.token.accessToken)).toMatchObject({ clientId })
  })

  test('that the issuer refuses is CONFIG_INVALID, in its words', async () => {
    const error = await thrown(register(at, { ...machine, grantTypes: ['nonsense'] }))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(/^The registration failed at \S+ with 400: invalid_\w+: /)
    expect(error.message).toMatch(/Change what it asks for\.$/)
  })
})

describe('a registration', () => {
  let issuer: ScriptedIssuer
  beforeEach(async () => {
    issuer = await scriptedIssuer([])
  })
  afterEach(() => issuer.close())

  const request: RegistrationRequest = { clientName: 'latchkey', grantTypes: [deviceGrant], scope: 'openid' }
  const registered = (reply: Reply, more: Partial<RegistrationRequest> = {}, token?: string) => {
    issuer.add({ request: 'POST /register', reply })
    return register(issuer, { ...request, ...more }, { initialAccessToken: token })
  }
  const sent = (path = '/register') => JSON.parse(issuer.received(path).at(-1)?.body ?? '{}') as object
  const good = (more: object = {}): Reply => ({ status: 201, body: { client_id: 'id-1', ...more } })

  test('says name, grants and scope, and no more than it must', async () => {
    await registered(good())
    expect(sent()).toEqual({
      client_name: 'latchkey',
      grant_types: [deviceGrant],
      response_types: [],
      scope: 'openid',
      token_endpoint_auth_method: 'client_secret_basic',
    })
    expect(issuer.received('/register')[0]?.headers).toMatchObject({ 'content-type': 'application/json' })
    expect(issuer.received('/register')[0]?.headers['authorization']).toBeUndefined()
  })

  test('says what else it was given, and proves that it may', async () => {
    const redirectUris = ['https://app.example.org/cb']
    const metadata = { contacts: ['x@example.org'], client_name: 'not this' }
    await registered(good(), { redirectUris, metadata, grantTypes: ['authorization_code'] }, 'IAT-secret')
    expect(sent()).toMatchObject({
      client_name: 'latchkey',
      response_types: ['code'],
      redirect_uris: redirectUris,
      contacts: ['x@example.org'],
    })
    expect(sent()).not.toHaveProperty('application_type')
    expect(issuer.received('/register')[0]?.headers['authorization']).toBe('Bearer IAT-secret')
  })

  test.each(['IAT-se\ncret', 'IAT-sécret'])(
    'does not repeat the token %j, which no header can carry',
    async (token) => {
      const error = await thrown(registered(good(), {}, token))
      expect(error).toMatchObject({ code: 'RESPONSE_INVALID' })
      expect(inspect(error)).not.toContain('IAT')
      expect(issuer.received('/register')).toHaveLength(0)
    },
  )

  test.each(['http://127.0.0.1/cb', 'http://localhost:4242', 'edu.kit.data.oidc-agent:/redirect'])(
    'with the address %s is native',
    async (uri) => {
      await registered(good(), { redirectUris: [uri] })
      expect(sent()).toMatchObject({ application_type: 'native' })
    },
  )

  test('tells what the issuer did otherwise, whatever the order', async () => {
    const asked = {
      grantTypes: ['b', 'a'],
      scope: 'openid storage.read:/ wlcg',
      redirectUris: ['https://a/', 'https://b/'],
    }
    const given = { grant_types: ['a', 'b'], scope: 'wlcg openid', redirect_uris: ['https://b/', 'https://a/'] }
    const made = await registered(good({ ...given, token_endpoint_auth_method: 'none' }), asked)
    expect(made.differences).toEqual([
      { name: 'scope', asked: 'openid storage.read:/ wlcg', given: 'wlcg openid' },
      { name: 'token_endpoint_auth_method', asked: 'client_secret_basic', given: 'none' },
    ])
  })

  test('that Keycloak refuses for openid is made without, once', async () => {
    const policy = "Policy 'Allowed Client Scopes' rejected request to client-registration service."
    const refusal: Reply = { status: 403, body: { error: 'insufficient_scope', error_description: policy } }
    issuer.add({ request: 'POST /register', reply: refusal })
    const made = await registered(good({ scope: 'offline_access' }), { scope: 'openid offline_access' })
    expect(sent()).toMatchObject({ scope: 'offline_access' })
    expect(made.differences).toEqual([])
    expect((await thrown(registered(refusal, { scope: 'nonsense' }))).code).toBe('CONFIG_INVALID')
    expect(issuer.received('/register')).toHaveLength(3)
  })

  test.each([
    [undefined, undefined],
    [0, undefined],
    [1_800_000_000, 1_800_000_000_000],
    ['soon', undefined],
  ])('with client_secret_expires_at %j has a secret until %j', async (client_secret_expires_at, expected) => {
    const made = await registered({
      status: 200,
      body: { client_id: 'id-1', client_secret: 'S', client_secret_expires_at },
    })
    expect(made.secretExpiresAt).toBe(expected)
  })

  test('shows no secret when it is printed', async () => {
    const made = await registered(good({ client_secret: 'PLANTED-1', registration_access_token: 'PLANTED-2' }))
    expect([made.clientSecret, made.registrationToken]).toEqual(['PLANTED-1', 'PLANTED-2'])
    for (const text of [inspect(made), JSON.stringify(made)]) expect(text).not.toContain('PLANTED')
  })

  test.each([{}, [], 'no JSON', { client_id: 5 }])('answered with %j is RESPONSE_INVALID', async (body) => {
    expect(await thrown(registered({ status: 201, body }))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  const managed = (): Registration => ({
    clientId: 'id-1',
    clientSecret: 'S',
    registrationUri: `${issuer.issuer}/register/id-1`,
    registrationToken: 'RAT-secret',
    differences: [],
    metadata: { client_name: 'old', scope: 'openid', created_at: 5, client_id_issued_at: 5 },
  })

  test('is changed in place: what stood there stays, and no secret is sent', async () => {
    const reply = {
      body: { client_id: 'id-1', scope: 'openid', client_name: 'new', registration_access_token: 'RAT-2' },
    }
    issuer.add({ request: 'PUT /register/id-1', reply })
    const changed = await updateRegistration(issuer, managed(), {
      ...request,
      clientName: 'new',
      scope: 'openid email',
    })
    expect(sent('/register/id-1')).toMatchObject({
      client_id: 'id-1',
      client_name: 'new',
      created_at: 5,
      scope: 'openid email',
    })
    expect(JSON.stringify(sent('/register/id-1'))).not.toMatch(/client_secret"|issued_at|"S"|RAT/)
    expect(changed).toMatchObject({ clientSecret: 'S', registrationToken: 'RAT-2' })
    expect(changed.differences).toEqual([{ name: 'scope', asked: 'openid email', given: 'openid' }])
  })

  test.each([{ client_id: 'another' }, { error: 'invalid_token' }])(
    'answered with %j is not this one',
    async (body) => {
      issuer.add({ request: 'GET /register/id-1', reply: { body } })
      expect(await thrown(readRegistration(issuer, managed()))).toMatchObject({ code: 'RESPONSE_INVALID' })
    },
  )

  test('whose token is not taken is CONFIG_INVALID, and the token is not repeated', async () => {
    const body = { error: 'invalid_token', error_description: 'Invalid access token: RAT-secret' }
    issuer.add({ request: 'DELETE /register/id-1', reply: { status: 401, body } })
    const error = await thrown(deleteRegistration(issuer, managed()))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(/Invalid access token: <redacted>\. Check the token that allows it\.$/)
  })

  test('without a token cannot be managed, and where nobody is registered is UNSUPPORTED', async () => {
    const { registrationToken: _, ...without } = managed()
    expect(await thrown(readRegistration(issuer, without))).toMatchObject({ code: 'UNSUPPORTED' })
    await issuer.close()
    issuer = await scriptedIssuer([], { metadata: { registration_endpoint: undefined } })
    const error = await thrown(register(issuer, request))
    expect(error).toMatchObject({ code: 'UNSUPPORTED' })
    expect(error.message).toContain('ask its operators for a client id')
  })

  test('goes to no http address, and ends with the signal', async () => {
    const away = { ...managed(), registrationUri: 'http://iam.example.org/register/id-1' }
    expect(await thrown(readRegistration(issuer, away))).toMatchObject({ code: 'CONFIG_INVALID' })
    const signal = AbortSignal.abort()
    expect(await thrown(register(issuer, request, { signal }))).toMatchObject({ code: 'ABORTED' })
    expect(() => client({ issuer: 'http://iam.example.org', clientId: 'c' })).toThrow(/https address/)
  })
})
