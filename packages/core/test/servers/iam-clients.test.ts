import {
  clientSecretPost,
  endSessionUrl,
  introspect,
  memoryStore,
  type RegistrationRequest,
  readRegistration,
  register,
  revoke,
  session,
  userinfo,
} from '@latchkey/core'
import type { Reply } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'
import { type Iam, iam, refusal } from './iam.ts'

let at: Iam
beforeEach(async () => {
  at = await iam()
})
afterEach(async () => {
  expect(at.unexpected).toEqual([])
  await at.close()
})

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const endpoint = '/iam/api/client-registration'
const request: RegistrationRequest = {
  clientName: 'latchkey test',
  grantTypes: [deviceGrant, 'refresh_token'],
  scope: 'openid offline_access',
}

describe('a registration at INDIGO IAM', () => {
  const given = {
    client_id: '7f0e5990-988b-4f06-9f14-4a6895fa5267',
    client_secret: 'Ndn7hC4KUWyei7rg5azNzfK64At0dSCf1Ddy11xq9YtxY19yaTkKusbGWbSEQnGJp2wJRpyHGo2xwNiiVK5eNA',
    client_name: 'latchkey test',
    grant_types: ['refresh_token', deviceGrant],
    token_endpoint_auth_method: 'client_secret_basic',
    scope: 'openid offline_access',
    created_at: 1_795_327_917_053,
    active: true,
  }
  const registered = (reply: Reply, more: Partial<RegistrationRequest> = {}) => {
    at.add({ request: `POST ${endpoint}`, reply })
    return register(at, { ...request, ...more })
  }

  test('iam 6: without client_secret_expires_at is no orphan: the secret has no end', async () => {
    const made = await registered({ status: 201, body: given })
    expect(made).toMatchObject({ clientId: given.client_id, clientSecret: given.client_secret, differences: [] })
    expect(made.secretExpiresAt).toBeUndefined()
    expect(made.metadata['created_at']).toBe(1_795_327_917_053)
  })

  test.each([
    'Grant type not allowed: password',
    'registerClient.request.clientName: Invalid length: must be between 4 and 256 characters',
    'registerClient.request: Authorization code requires a valid redirect uri',
  ])('iam 7: refused in prose is told in prose: %s', async (prose) => {
    const error = await thrown(registered({ status: 400, body: { error: prose } }))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(/^The registration failed at \S+ with 400: /)
    expect(error.message).toContain(`${prose}. Change what it asks for.`)
  })

  test('iam 7: refused without a word says at least that', async () => {
    const error = await thrown(registered({ status: 400 }))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(/with 400: an empty answer\. Change what it asks for\.$/)
  })

  test('iam 8: always says name, grants and scope', async () => {
    await registered({ status: 201, body: given })
    const sent = JSON.parse(at.received(endpoint)[0]?.body ?? '') as object
    expect(sent).toMatchObject({
      client_name: 'latchkey test',
      grant_types: [deviceGrant, 'refresh_token'],
      scope: 'openid offline_access',
    })
  })

  test('iam 8: tells of the scopes that were dropped without a word', async () => {
    const scope = 'openid scim:read storage.read:/ wlcg'
    const made = await registered({ status: 201, body: { ...given, scope: 'openid wlcg' } }, { scope })
    expect(made.differences).toEqual([{ name: 'scope', asked: scope, given: 'openid wlcg' }])
  })

  test('iam 9: keeps the token that only the first answer has', async () => {
    const uri = `${at.issuer}${endpoint}/${given.client_id}`
    const first = { ...given, registration_access_token: 'RAT-1', registration_client_uri: uri }
    const made = await registered({ status: 201, body: first })
    const later = { ...given, registration_client_uri: uri }
    at.add({ request: `GET ${endpoint}/${given.client_id}`, reply: { body: later }, times: 2 })
    const read = await readRegistration(at, await readRegistration(at, made))
    expect(read).toMatchObject({ registrationToken: 'RAT-1', registrationUri: uri })
    expect(at.requests.at(-1)?.headers['authorization']).toBe('Bearer RAT-1')
  })

  test('iam 9: made with a person’s token has none: it says so', async () => {
    const made = await registered({ status: 201, body: given })
    const error = await thrown(readRegistration(at, made))
    expect(error).toMatchObject({ code: 'UNSUPPORTED' })
    expect(error.message).toContain('there is no registration token')
  })
})

describe('the other endpoints of INDIGO IAM', () => {
  test.each<[number, Reply]>([
    [302, { headers: { location: '/' } }],
    [405, { headers: { allow: 'GET' } }],
    [403, {}],
  ])('iam 24: a revocation answered with %i confirms nothing, and is not followed', async (status, reply) => {
    at.add({ request: 'POST /revoke', reply: { ...reply, status }, times: 2 })
    expect(await revoke(at.client({ clientAuthentication: clientSecretPost('s-1') }), 'RT')).toBe(false)
    const store = memoryStore()
    const key = { issuer: at.issuer, clientId: 'c' }
    await store.update(key, async () => ({ refreshToken: 'RT', tokens: {} }))
    expect(await session({ ...key, store }).logout()).toMatchObject({
      removed: true,
      confirmed: false,
      reason: { refusal: { status } },
    })
    expect(at.requests.map(({ path }) => path)).not.toContain('/')
  })

  const active = { active: true, scope: 'openid', sub: '80e5fb8d', client_id: 'password-grant', exp: 1_795_331_518 }

  test('iam 25: introspection goes by Basic, which alone it takes', async () => {
    at.add({ request: 'POST /introspect', reply: { body: { ...active, expires_at: '2026-11-22T07:11:58+0000' } } })
    const said = await introspect(at.client({ clientSecret: 's-1' }), 'AT')
    expect(said).toMatchObject({ active: true, subject: '80e5fb8d', expiresAt: 1_795_331_518_000 })
    expect(at.received('/introspect')[0]?.headers['authorization']).toBe(`Basic ${btoa('c:s-1')}`)
  })

  test('iam 25: with the secret in the form is refused, and the line says what to change', async () => {
    const said = 'Full authentication is required to access this resource'
    at.add({ request: 'POST /introspect', reply: refusal(401, 'unauthorized', said) })
    const made = at.client({ clientAuthentication: clientSecretPost('s-1') })
    const error = await thrown(introspect(made, 'AT'))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(`${said}. The client must be allowed to introspect`)
    expect(error.message).toContain('clientSecretBasic')
  })

  test('iam 26: userinfo is asked by GET and takes JSON', async () => {
    at.add({ request: 'GET /userinfo', reply: { body: { sub: '80e5fb8d', groups: ['Production'] } } })
    expect(await userinfo(at.client(), 'AT', { subject: '80e5fb8d' })).toMatchObject({ groups: ['Production'] })
    expect(at.received('/userinfo')[0]?.headers['accept']).toMatch(/^application\/json,/)
  })

  test('iam 26: userinfo without openid is a page of HTML, and the line says what is missing', async () => {
    const reply = { status: 403, headers: { 'content-type': 'text/html;charset=UTF-8' }, body: '<!DOCTYPE html>' }
    at.add({ request: 'GET /userinfo', reply })
    const error = await thrown(userinfo(at.client(), 'AT', { subject: undefined }))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(
      /with 403: an answer of type text\/html;charset=UTF-8\. Log in with the scope openid\.$/,
    )
  })

  test('iam 33: there is no address that ends a session', async () => {
    expect(await thrown(endSessionUrl(at.client()))).toMatchObject({ code: 'UNSUPPORTED' })
  })
})
