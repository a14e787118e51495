import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { type AuthError, type Clock, type Grant, memoryStore, normalizeIssuer, systemClock } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { authConfig, fileStore } from '@latchkey/file-store'
import { type AuthenticateOptions, type Authentication, connect, type LoginRequest } from '@latchkey/openeo'
import { openeoBackend, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { device, home, listed, type World, world } from './support/world.ts'

/** A person's pauses, a hundredth as long. */
const quick: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms <= 10_000 ? ms / 100 : ms, signal),
}

/** A person who approves whatever is shown, and how often that was. */
function person({ issuer }: World): { prompt: (prompt: { userCode: string }) => Promise<void>; prompted: number } {
  const it = {
    prompted: 0,
    prompt: async ({ userCode }: { userCode: string }): Promise<void> => {
      it.prompted++
      await issuer.approve(userCode)
    },
  }
  return it
}

/** The login of `script` as another program left it in the shared file. */
async function stored(at: World): Promise<void> {
  const { refreshToken } = await at.issuer.issue({ scope: 'openid email offline_access' })
  const key = { issuer: normalizeIssuer(at.issuer.issuer), clientId: 'script' }
  await fileStore({ env: at.env }).update(key, async () => ({ refreshToken, tokens: {} }))
}

const failure = (work: Promise<unknown>): Promise<AuthError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: AuthError) => error,
  )

/** What `/me` answers, and the header that reached it. */
async function me(at: World, { authorizer }: Authentication): Promise<readonly [number, string | undefined]> {
  at.backend.clear()
  const answer = await withAuth(authorizer)(`${at.backend.root}/me`)
  await answer.body?.cancel()
  return [answer.status, at.backend.received('/me').at(-1)?.headers['authorization'] as string | undefined]
}

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
      { provider: { id: 'egi' }, scope: 'email offline_access openid', pkce: true, parameters },
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
      scope: 'email offline_access openid profile',
      code_challenge: expect.any(String),
      code_challenge_method: 'S256',
    })
    // A client that lists no refresh_token would be refused offline_access by some issuers.
    expect(await forms(clients.slice(1))).toEqual({ ...common, client_id: 'brief', scope: 'email openid profile' })
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
