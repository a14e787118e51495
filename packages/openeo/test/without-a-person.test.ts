import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { authConfig, fileStore } from '@latchkey/file-store'
import { type AuthenticateOptions, connect } from '@latchkey/openeo'
import { openeoBackend, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failure, me } from './support/person.ts'
import { home, listed, type World, world } from './support/world.ts'

describe('client credentials', () => {
  const machine = (at: World): AuthenticateOptions => ({
    method: 'client_credentials',
    clientId: 'basic',
    clientSecret: at.issuer.clientSecret,
  })

  test('give a token of the client, and touch no file', async () => {
    const at = await world()
    const authentication = await (await at.connect()).authenticate(machine(at))
    const { accessToken } = await authentication.source.getToken()
    expect(at.issuer.verify(accessToken)).toMatchObject({ clientId: 'basic', login: undefined })
    expect(authentication).toMatchObject({ method: 'client_credentials', choice: { client: { from: 'argument' } } })
    expect(() => readFileSync(join(at.env.HOME, 'openeo'))).toThrow('ENOENT')
    expect(inspect(authentication, { depth: 9 })).not.toContain(accessToken)
  })

  test('are what OPENEO_AUTH_METHOD says, with the client of the environment over the configured one', async () => {
    const at = await world()
    const env = {
      ...at.env,
      OPENEO_AUTH_METHOD: 'client_credentials',
      OPENEO_AUTH_CLIENT_ID: 'basic',
      OPENEO_AUTH_CLIENT_SECRET: at.issuer.clientSecret,
    }
    await authConfig({ env }).setOidcClient(at.backend.url, 'egi', { clientId: 'post', clientSecret: 'x' })
    const { method, choice } = await (await at.connect({ env })).authenticate()
    expect([method, choice?.client.clientId, choice?.client.from]).toEqual([
      'client_credentials',
      'basic',
      'environment',
    ])
  })

  test('of auth-config.json are used where neither arguments nor environment name a client', async () => {
    const at = await world()
    const entry = { clientId: 'basic', clientSecret: at.issuer.clientSecret, issuer: `${at.issuer.issuer}/` }
    await authConfig({ env: at.env }).setOidcClient(at.backend.url, 'egi', entry)
    const { choice } = await (await at.connect()).authenticate({ method: 'client_credentials' })
    expect(choice?.client).toMatchObject({ clientId: 'basic', from: 'config' })
  })

  test('are shared through a store that the caller gave, as no refresh token', async () => {
    const at = await world()
    const store = fileStore({ env: at.env })
    const again = async (): Promise<string> =>
      (await (await (await at.connect({ store })).authenticate(machine(at))).source.getToken()).accessToken
    expect(await again()).toBe(await again())
    expect(() => readFileSync(join(at.env.HOME, 'openeo', 'refresh-tokens.json'))).toThrow('ENOENT')
  })

  test('never take a default client', async () => {
    const at = await world()
    const error = await failure((await at.connect()).authenticate({ method: 'client_credentials' }))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('No client_id found.') })
  })

  test('another OPENEO_AUTH_METHOD is refused in the words of the Python client', async () => {
    const at = await world()
    const env = { ...at.env, OPENEO_AUTH_METHOD: 'magic' }
    const error = await failure((await at.connect({ env })).authenticate())
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining("Unhandled auth method 'magic'"),
    })
  })
})

describe('user and password at the issuer', () => {
  test('are sent at each renewal, without offline_access, and stored nowhere', async () => {
    const reply = { body: { access_token: 'AT', token_type: 'bearer', refresh_token: 'RT', expires_in: 60 } }
    const issuer = await scriptedIssuer([{ request: 'POST /token', reply, times: 2 }], {
      metadata: { scopes_supported: ['openid', 'offline_access'] },
    })
    onTestFinished(() => issuer.close())
    const backend = await openeoBackend({ providers: [listed(issuer.issuer, { scopes: ['offline_access'] })] })
    onTestFinished(() => backend.close())
    const env = home()
    const user = { username: 'john', password: 'j0hn 123' }
    const authentication = await (await connect(backend.url, { env })).authenticate({
      method: 'password',
      clientId: 'c',
      ...user,
    })
    expect(issuer.received('/token')[0]?.form).toEqual({
      grant_type: 'password',
      client_id: 'c',
      scope: 'openid',
      ...user,
    })
    expect(authentication.method).toBe('password')
    expect(() => readFileSync(join(env.HOME, 'openeo'))).toThrow('ENOENT')
    expect(inspect(authentication, { depth: 9 })).not.toContain('j0hn 123')
  })
})

describe('an access token from elsewhere', () => {
  test('is sent with the prefix of the provider it is of, and not renewed', async () => {
    const at = await world()
    const { accessToken } = await at.issuer.issue()
    const connected = await at.connect()
    const authentication = await connected.authenticate({ method: 'access_token', accessToken, providerId: 'egi' })
    expect(await me(at, authentication)).toEqual([200, `Bearer oidc/egi/${accessToken}`])
    expect(authentication.choice).toBeUndefined()
    at.issuer.withdraw(accessToken)
    expect((await me(at, authentication))[0]).toBe(403)
    const unlisted = connected.authenticate({ method: 'access_token', accessToken, providerId: 'x' })
    expect(await failure(unlisted)).toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
