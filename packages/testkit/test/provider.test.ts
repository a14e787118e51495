import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Provider, type ProviderOptions, provider } from '../src/index.ts'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

async function running(options?: ProviderOptions): Promise<Provider> {
  const started = await provider(options)
  onTestFinished(() => started.close())
  return started
}

interface Answered {
  readonly status: number
  readonly body: Record<string, string>
}

async function post(
  { issuer }: Provider,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const response = await fetch(issuer + path, { method: 'POST', body: new URLSearchParams(form), headers })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

const refresh = (at: Provider, token: string | undefined): Promise<Answered> =>
  post(at, '/token', { client_id: 'script', grant_type: 'refresh_token', refresh_token: token ?? '' })

async function startDevice(at: Provider): Promise<{ userCode: string; poll(): Promise<Answered> }> {
  const { body } = await post(at, '/device/auth', { client_id: 'script', scope: 'openid offline_access read' })
  const form = { client_id: 'script', grant_type: deviceGrant, device_code: body['device_code'] ?? '' }
  return { userCode: body['user_code'] ?? '', poll: () => post(at, '/token', form) }
}

describe('the embedded provider', () => {
  test.each(['', '/realms/x'])('logs a device in through its pages, under the path "%s"', async (path) => {
    const at = await running({ path })
    const device = await startDevice(at)
    expect((await device.poll()).body).toMatchObject({ error: 'authorization_pending' })
    await at.approve(device.userCode, { login: 'ada' })
    const { status, body } = await device.poll()
    expect([status, body['token_type'], body['expires_in']]).toEqual([200, 'Bearer', 2])
    expect(at.verify(body['access_token'] ?? '')).toMatchObject({ login: 'ada', clientId: 'script' })
    expect(at.stats).toMatchObject({
      issued: { [deviceGrant]: 1 },
      refusals: { authorization_pending: 1 },
      serverErrors: [],
    })
  })

  const authorization = (at: Provider, more: Record<string, string> = {}): string => {
    const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }
    const fixed = {
      client_id: 'browser',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:9/callback',
      state: 's',
    }
    return `${at.issuer}/auth?${new URLSearchParams({ scope: 'openid', ...challenge, ...fixed, ...more }).toString()}`
  }

  test('signs a person in by code, and says where the browser goes with it', async () => {
    const at = await running()
    const back = new URL((await at.signIn(authorization(at))).url)
    expect(back.origin + back.pathname).toBe('http://127.0.0.1:9/callback')
    expect(Object.fromEntries(back.searchParams)).toEqual({ code: expect.any(String), state: 's', iss: at.issuer })
    const posted = await at.signIn(authorization(at, { response_mode: 'form_post' }))
    expect(posted).toEqual({
      url: 'http://127.0.0.1:9/callback',
      form: { code: expect.any(String), state: 's', iss: at.issuer },
    })
  })

  test('lets a person refuse a client, and stays on its page where there is nothing to go back with', async () => {
    const at = await running()
    const back = new URL((await at.signIn(authorization(at), { deny: true })).url)
    expect(back.searchParams.get('error')).toBe('access_denied')
    await expect(at.signIn(authorization(at, { client_id: 'nobody' }))).rejects.toThrow(/did not come back: 400/)
  })

  test('has nobody answer on their device who was not asked', async () => {
    await expect((await running()).answerAsked()).rejects.toThrow('Nobody was asked to log in.')
  })

  test('lets a person refuse, and knows no code it did not give', async () => {
    const at = await running()
    const device = await startDevice(at)
    await at.approve({ user_code: device.userCode }, { deny: true })
    expect((await device.poll()).body).toMatchObject({ error: 'access_denied' })
    await expect(at.approve('AAAA-AAAA')).rejects.toThrow(/does not know/)
  })

  test('rotates refresh tokens, and ends the login when an old one is used again', async () => {
    const at = await running()
    const login = await at.issue()
    const first = await refresh(at, login.refreshToken)
    expect(first.body['refresh_token']).not.toBe(login.refreshToken)
    expect((await refresh(at, login.refreshToken)).body).toMatchObject({ error: 'invalid_grant' })
    expect((await refresh(at, first.body['refresh_token'])).body).toMatchObject({ error: 'invalid_grant' })
    expect(at.verify(first.body['access_token'] ?? '')).toBeUndefined()
    expect(at.stats).toMatchObject({ refreshes: 1, revokedGrants: 1, refusals: { invalid_grant: 2 } })
  })

  test('takes each client only with its own proof', async () => {
    const at = await running()
    const grant = { grant_type: 'client_credentials', scope: 'read' }
    const form = new URLSearchParams({ s: at.clientSecret }).toString().slice(2)
    const authorization = `Basic ${btoa(`basic:${form}`)}`
    expect((await post(at, '/token', grant, { authorization })).status).toBe(200)
    expect((await post(at, '/token', { ...grant, client_id: 'post', client_secret: at.clientSecret })).status).toBe(200)
    expect((await post(at, '/token', { ...grant, client_id: 'post', client_secret: 'wrong' })).status).toBe(401)
    expect((await post(at, '/token', { ...grant, client_id: 'key-jwt' })).status).toBe(401)
  })

  test('knows resources, and refuses those it does not know', async () => {
    const resource = 'https://api.example.org/'
    const at = await running({ resources: { [resource]: 'read' } })
    const grant = { grant_type: 'client_credentials', client_id: 'post', client_secret: at.clientSecret, scope: 'read' }
    const { body } = await post(at, '/token', { ...grant, resource })
    expect(at.verify(body['access_token'] ?? '')?.audience).toBe(resource)
    expect((await post(at, '/token', { ...grant, resource: 'https://other.example/' })).body).toMatchObject({
      error: 'invalid_target',
    })
  })

  test('forgets a token the moment it ends, and one that is withdrawn', async () => {
    const at = await running({ accessTokenTtl: 1 })
    const login = await at.issue()
    const started = performance.now()
    while (at.verify(login.accessToken) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(performance.now() - started).toBeGreaterThan(900)
    expect(performance.now() - started).toBeLessThan(1500)
    const other = await at.issue()
    at.withdraw(other.accessToken)
    expect(at.verify(other.accessToken)).toBeUndefined()
  })

  test('delays and loses answers of the token endpoint after the exchange is done', async () => {
    const at = await running({ tokenDelay: 150 })
    const login = await at.issue()
    const started = performance.now()
    const { body } = await refresh(at, login.refreshToken)
    expect(performance.now() - started).toBeGreaterThan(140)
    Object.assign(at.settings, { tokenDelay: 0, loseAnswers: 1 })
    await expect(refresh(at, body['refresh_token'])).rejects.toThrow('fetch failed')
    expect(at.stats.refreshes).toBe(2)
    expect((await refresh(at, body['refresh_token'])).body).toMatchObject({ error: 'invalid_grant' })
  })

  test('keeps a login that does not rotate, and gives no refresh token where told so', async () => {
    const steady = await running({ rotate: false })
    const login = await steady.issue()
    expect((await refresh(steady, login.refreshToken)).body['refresh_token']).toBe(login.refreshToken)
    const without = await running({ refreshTokens: 'never' })
    const device = await startDevice(without)
    await without.approve(device.userCode)
    expect((await device.poll()).body).not.toHaveProperty('refresh_token')
  })

  test.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    'describes itself at %s, with a path in its issuer too',
    async (wellKnown) => {
      const at = await running({ path: '/realms/x' })
      expect(await (await fetch(at.issuer + wellKnown)).json()).toMatchObject({ issuer: at.issuer })
      const inFront =
        new URL(at.issuer).origin + wellKnown.replace('openid-configuration', 'oauth-authorization-server')
      expect(await (await fetch(`${inFront}/realms/x`)).json()).toMatchObject({ issuer: at.issuer })
    },
  )

  test('asks for a nonce in DPoP proofs where told so', async () => {
    const at = await running({ dpopNonce: true })
    const metadata = (await (await fetch(`${at.issuer}/.well-known/openid-configuration`)).json()) as object
    expect(metadata).toHaveProperty('dpop_signing_alg_values_supported')
  })

  test('prints nothing, whatever is asked of it', async () => {
    const script = `
      const { provider } = await import(${JSON.stringify(import.meta.resolve('../src/index.ts'))})
      const at = await provider()
      await at.issue()
      const send = (path, body) => fetch(at.issuer + path, { method: 'POST', body: new URLSearchParams(body) })
      const { user_code } = await (await send('/device/auth', { client_id: 'script', scope: 'openid' })).json()
      await at.approve(user_code)
      for (const path of ['/token', '/auth', '/device', '/none', '/interaction/x', '/session/end']) {
        await send(path, { grant_type: 'refresh_token', client_id: 'script' })
        await fetch(at.issuer + path, { headers: { accept: 'text/html' } })
      }
      await at.close()`
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    expect([stdout, stderr]).toEqual(['', ''])
  })
})
