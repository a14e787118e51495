import { challengeOf, discoverResource } from '@latchkey/core'
import { type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, describe, expect, test } from 'vitest'

let server: ScriptedIssuer
afterEach(() => server.close())

const described = (resource: string): object => ({
  resource,
  authorization_servers: ['https://iam.example.org', 7],
  scopes_supported: ['read', 'write'],
  bearer_methods_supported: ['header'],
})

const pointing = (to: string): { status: number; headers: Record<string, string> } => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer error="invalid_token", resource_metadata="${to}"` },
})

describe('a protected API that describes itself (RFC 9728)', () => {
  test('in its challenge: gives issuers and scopes, and is asked without credentials', async () => {
    server = await scriptedIssuer(
      (origin) => [
        { request: 'GET /v1/jobs', reply: pointing(`${origin}/meta`) },
        { request: 'GET /meta', reply: { body: described(`${origin}/v1`) } },
      ],
      { noDiscovery: true },
    )
    const found = await discoverResource(`${server.issuer}/v1/jobs`)
    expect(found).toMatchObject({
      resource: `${server.issuer}/v1`,
      issuers: ['https://iam.example.org'],
      scopes: ['read', 'write'],
    })
    expect(found.metadata['bearer_methods_supported']).toEqual(['header'])
    expect(server.requests.every(({ headers }) => headers['authorization'] === undefined)).toBe(true)
    expect(server.unexpected).toEqual([])
  })

  test('at its well-known address, with the path and without', async () => {
    server = await scriptedIssuer(
      (origin) => [
        { request: 'GET /v1/jobs', reply: { status: 401 } },
        { request: 'GET /.well-known/oauth-protected-resource/v1/jobs', reply: { status: 404 } },
        { request: 'GET /.well-known/oauth-protected-resource', reply: { body: described(origin) } },
      ],
      { noDiscovery: true },
    )
    expect((await discoverResource(`${server.issuer}/v1/jobs`)).resource).toBe(server.issuer)
    expect(server.unexpected).toEqual([])
  })

  test.each([
    ['another origin', () => 'https://evil.example.org/'],
    ['another path', (origin: string) => `${origin}/v2`],
    ['a path that only begins alike', (origin: string) => `${origin}/v1/job`],
    ['nothing', () => ''],
  ])('metadata of %s is refused', async (_, resource) => {
    server = await scriptedIssuer(
      (origin) => [
        { request: 'GET /v1/jobs', reply: pointing(`${origin}/meta`) },
        { request: 'GET /meta', reply: { body: described(resource(origin)) } },
      ],
      { noDiscovery: true },
    )
    await expect(discoverResource(`${server.issuer}/v1/jobs`)).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('nowhere is UNSUPPORTED', async () => {
    server = await scriptedIssuer([
      { request: 'GET /', reply: { status: 200, body: 'x'.repeat(2_000_000) } },
      { request: 'GET /.well-known/oauth-protected-resource', reply: { status: 404 } },
    ])
    await expect(discoverResource(server.issuer)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('at an address that may not be asked is CONFIG_INVALID', async () => {
    server = await scriptedIssuer([{ request: 'GET /', reply: pointing('http://example.org/meta') }])
    await expect(discoverResource(server.issuer)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

test('challengeOf reads what an API asks for from a response that was left to the caller', async () => {
  server = await scriptedIssuer([])
  const response = (challenge: string): Response =>
    new Response(null, { status: 403, headers: { 'www-authenticate': challenge } })
  expect(challengeOf(response('Bearer error="insufficient_scope", scope="jobs:write"'))).toMatchObject({
    error: 'insufficient_scope',
    scope: 'jobs:write',
    stepUp: { scope: 'jobs:write' },
  })
  const strong = 'Basic realm="x", Bearer error="insufficient_user_authentication", acr_values="mfa", max_age="5"'
  expect(challengeOf(response(strong))?.stepUp).toEqual({ acrValues: 'mfa', maxAge: 5 })
  expect(challengeOf(response('Bearer resource_metadata="https://api.example.org/m"'))).toMatchObject({
    resourceMetadata: 'https://api.example.org/m',
  })
  expect(challengeOf(response('Basic realm="x"'))).toBeUndefined()
  expect(challengeOf(new Response())).toBeUndefined()
})
