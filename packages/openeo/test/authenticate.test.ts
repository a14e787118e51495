import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Grant, memoryStore, normalizeIssuer } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { fileStore } from '@latchkey/file-store'
import { connect, type LoginRequest } from '@latchkey/openeo'
import { openeoBackend, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failure, me, person, quick, stored } from './support/person.ts'
import { device, home, listed, world } from './support/world.ts'

describe('the one call', () => {
  test('logs a person in by device flow, keeps the login where Python finds it, and requests carry its token', async () => {
    const at = await world()
    const who = person(at)
    const connected = await at.connect({ clock: quick })
    const authentication = await connected.authenticate({ prompt: who.prompt })
    expect(who.prompted).toBe(1)
    expect(authentication).toMatchObject({ method: 'device', provider: { id: 'egi' } })
    expect(authentication.choice?.client).toEqual({ clientId: 'script', from: 'default', pkce: true })
    const { accessToken, scope } = await authentication.source.getToken()
    expect(scope?.split(' ')).toEqual(['email', 'offline_access', 'openid'])
    expect(await me(at, authentication)).toEqual([200, `Bearer oidc/egi/${accessToken}`])
    const file = JSON.parse(readFileSync(join(at.env.HOME, 'openeo', 'refresh-tokens.json'), 'utf8')) as object
    expect(file).toMatchObject({
      [normalizeIssuer(at.issuer.issuer)]: { script: { refresh_token: expect.any(String) } },
    })
  })

  test('takes the stored login of another program, with nobody asked', async () => {
    const at = await world()
    await stored(at)
    const authentication = await (await at.connect()).authenticate()
    expect(authentication).toMatchObject({ method: 'refresh_token', choice: { client: { clientId: 'script' } } })
    expect((await me(at, authentication))[0]).toBe(200)
    expect(authentication.session?.client.clientId).toBe('script')
  })

  test('without a login and with nobody to ask is LOGIN_REQUIRED at once, with the command to run', async () => {
    const at = await world()
    const error = await failure((await at.connect()).authenticate())
    expect(error).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(error.message).toContain(`npx @latchkey/cli oidc-auth ${at.backend.url}`)
  })

  test('asks the person where the stored login is dead', async () => {
    const at = await world()
    const key = { issuer: normalizeIssuer(at.issuer.issuer), clientId: 'script' }
    await fileStore({ env: at.env }).update(key, async () => ({ refreshToken: 'long dead', tokens: {} }))
    const who = person(at)
    const { method } = await (await at.connect({ clock: quick })).authenticate({ prompt: who.prompt })
    expect([method, who.prompted]).toEqual(['device', 1])
  })

  test('does not ask the person because the issuer is out of order', async () => {
    const at = await world()
    await stored(at)
    const connected = await at.connect({ clock: quick })
    await at.issuer.close()
    const who = person(at)
    expect(await failure(connected.authenticate({ prompt: who.prompt }))).toMatchObject({ code: 'DISCOVERY_FAILED' })
    expect(who.prompted).toBe(0)
  })

  test('hands a login of the caller its client and what to ask for, and takes no device flow', async () => {
    const issuer = await scriptedIssuer([], { metadata: { scopes_supported: ['openid', 'email', 'offline_access'] } })
    onTestFinished(() => issuer.close())
    const parameters = { access_type: 'offline' }
    const backend = await openeoBackend({
      providers: [listed(issuer.issuer, { authorization_parameters: parameters })],
    })
    onTestFinished(() => backend.close())
    const asked: LoginRequest[] = []
    const grant: Grant = async () => ({ token: { accessToken: 'AT', tokenType: 'Bearer' }, refreshToken: 'RT' })
    const { method, source } = await (await connect(backend.url, { env: home() })).authenticate({
      login: (client, request) => {
        asked.push(request)
        expect(client.issuer).toBe(`${issuer.issuer}/`)
        return grant
      },
    })
    expect(method).toBe('oidc')
    expect(asked).toMatchObject([
      { provider: { id: 'egi' }, scope: 'email offline_access openid unheard-of', pkce: true, parameters },
    ])
    expect((await source.getToken()).accessToken).toBe('AT')
  })

  test('ends with ABORTED when its signal fires while a person is waited for', async () => {
    const at = await world()
    const stop = new AbortController()
    const connected = await at.connect()
    const work = connected.authenticate({ signal: stop.signal, prompt: () => stop.abort() })
    expect(await failure(work)).toMatchObject({ code: 'ABORTED' })
  })
})

describe('a long job', () => {
  test('of many requests at a time renews once when its token ends, and keeps the rotated login for the next process', async () => {
    const at = await world()
    await stored(at)
    const file = join(at.env.HOME, 'openeo', 'refresh-tokens.json')
    const authentication = await (await at.connect()).authenticate()
    const before = [at.issuer.stats.refreshes, readFileSync(file, 'utf8')]
    at.issuer.withdraw((await authentication.source.getToken()).accessToken)
    const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await me(at, authentication))[0]))
    expect(statuses).toEqual(Array.from({ length: 8 }, () => 200))
    expect(at.issuer.stats.refreshes).toBe(Number(before[0]) + 1)
    expect(readFileSync(file, 'utf8')).not.toBe(before[1])
    const next = await (await at.connect()).authenticate()
    const first = await next.source.getToken()
    expect((await next.source.getToken({ minValid: 120_000 })).accessToken).not.toBe(first.accessToken)
    expect(at.issuer.stats.revokedGrants).toBe(0)
  })
})

describe('a login that ends later', () => {
  test('is LOGIN_REQUIRED in a request, and no prompt in the middle of a job', async () => {
    const at = await world()
    const who = person(at)
    const authentication = await (await at.connect({ clock: quick })).authenticate({ prompt: who.prompt })
    await authentication.session?.logout()
    const work = withAuth(authentication.authorizer)(`${at.backend.root}/me`)
    expect(await failure(work)).toMatchObject({ code: 'LOGIN_REQUIRED', message: expect.stringContaining('oidc-auth') })
    expect(who.prompted).toBe(1)
  })
})

describe('a device login by name', () => {
  test('asks the person now, whatever is stored, and replaces that', async () => {
    const at = await world()
    await stored(at)
    const who = person(at)
    const { method } = await (await at.connect({ clock: quick })).authenticate({ method: 'device', prompt: who.prompt })
    expect([method, who.prompted]).toEqual(['device', 1])
  })

  test('with nobody to ask is LOGIN_REQUIRED before the issuer hears of it', async () => {
    const at = await world()
    await stored(at)
    const work = (await at.connect()).authenticate({ method: 'device' })
    expect(await failure(work)).toMatchObject({
      code: 'LOGIN_REQUIRED',
      message: expect.stringContaining('give a prompt'),
    })
  })

  test('sends the authorization parameters, the proof key and the scope of the Python client', async () => {
    const issuer = await scriptedIssuer(
      [{ request: 'POST /device_authorization', reply: { status: 400, body: { error: 'invalid_scope' } }, times: 2 }],
      { metadata: { scopes_supported: ['openid', 'offline_access', 'email', 'profile'] } },
    )
    onTestFinished(() => issuer.close())
    const parameters = { access_type: 'offline', prompt: 'consent', client_id: 'evil', scope: 'everything' }
    const clients = [
      { id: 'whole', grant_types: [`${device}+pkce`, 'refresh_token'] },
      { id: 'brief', grant_types: [device] },
    ]
    const more = { scopes: ['profile', 'email', 'unheard-of'], authorization_parameters: parameters }
    const forms = async (default_clients: typeof clients): Promise<Readonly<Record<string, string>>> => {
      const backend = await openeoBackend({ providers: [listed(issuer.issuer, { ...more, default_clients })] })
      onTestFinished(() => backend.close())
      const work = (await connect(backend.url, { env: home() })).authenticate({
        method: 'device',
        prompt: () => undefined,
      })
      expect(await failure(work)).toMatchObject({ code: 'CONFIG_INVALID' })
      return issuer.received('/device_authorization').at(-1)?.form ?? {}
    }
    const common = { access_type: 'offline', prompt: 'consent' }
    expect(await forms(clients)).toEqual({
      ...common,
      client_id: 'whole',
      scope: 'email offline_access openid profile unheard-of',
      code_challenge: expect.any(String),
      code_challenge_method: 'S256',
    })
    // A client that lists no refresh_token would be refused offline_access by some issuers.
    expect(await forms(clients.slice(1))).toEqual({
      ...common,
      client_id: 'brief',
      scope: 'email openid profile unheard-of',
    })
  })
})

describe('a stored refresh token', () => {
  test('never goes to another issuer that a back-end lists under the same provider id', async () => {
    const at = await world()
    await stored(at)
    const evil = await scriptedIssuer([])
    onTestFinished(() => evil.close())
    const other = await openeoBackend({ providers: [listed(evil.issuer)] })
    onTestFinished(() => other.close())
    await (await at.connect()).authenticate()
    const error = await failure((await connect(other.url, { env: at.env })).authenticate())
    expect(error).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(evil.received('/token')).toEqual([])
  })

  test('by name is taken alone: without one a person is not asked', async () => {
    const at = await world()
    const connected = await at.connect()
    expect(await failure(connected.authenticate({ method: 'refresh_token' }))).toMatchObject({ code: 'LOGIN_REQUIRED' })
    await stored(at)
    expect(await connected.authenticate({ method: 'refresh_token' })).toMatchObject({ method: 'refresh_token' })
  })

  test('by name is that of the client which logs people in, though another could refresh too', async () => {
    const clients = [
      { id: 'refresher', grant_types: ['refresh_token'] },
      { id: 'script', grant_types: [device, 'refresh_token'] },
    ]
    const at = await world({ provider: { default_clients: clients } })
    await stored(at)
    const { choice } = await (await at.connect()).authenticate({ method: 'refresh_token' })
    expect(choice?.client.clientId).toBe('script')
    at.backend.settings.providers = [listed(at.issuer.issuer, { default_clients: clients.slice(0, 1) })]
    const work = (await at.connect()).authenticate({ method: 'refresh_token' })
    expect(await failure(work)).toMatchObject({ code: 'LOGIN_REQUIRED' })
  })

  test('that is given is renewed in memory and replaces no login', async () => {
    const at = await world({ issuer: { accessTokenTtl: 1 } })
    await stored(at)
    const file = join(at.env.HOME, 'openeo', 'refresh-tokens.json')
    const before = readFileSync(file, 'utf8')
    const { refreshToken } = await at.issuer.issue({ login: 'otto' })
    const authentication = await (await at.connect()).authenticate({ method: 'refresh_token', refreshToken })
    const first = await authentication.source.getToken()
    const second = await authentication.source.getToken({ rejected: first })
    expect([first, second].map(({ accessToken }) => at.issuer.verify(accessToken)?.login)).toEqual(['otto', 'otto'])
    expect(authentication.session).toBeUndefined()
    expect(readFileSync(file, 'utf8')).toBe(before)
  })
})

describe('an account', () => {
  test('of several lives beside the shared login', async () => {
    const at = await world()
    await stored(at)
    const who = person(at)
    const connected = await at.connect({ clock: quick })
    await connected.authenticate({ account: 'work', prompt: who.prompt })
    expect(who.prompted).toBe(1)
    expect(await connected.authenticate({ account: 'work' })).toMatchObject({ method: 'refresh_token' })
  })

  test('in memory alone leaves no file', async () => {
    const at = await world()
    const who = person(at)
    await (await at.connect({ clock: quick, store: memoryStore() })).authenticate({ prompt: who.prompt })
    expect(() => readFileSync(join(at.env.HOME, 'openeo'))).toThrow('ENOENT')
  })
})
