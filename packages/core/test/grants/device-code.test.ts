import { type AuthError, client, type DevicePrompt, deviceCode } from '@latchkey/core'
import { type Provider, provider } from '@latchkey/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hasty, thrown } from '../issuer/thrown.ts'
import { type DrivenLogin, deviceAnswer, drivenLogin, granted } from './driven.ts'

describe('a device login at an OpenID provider', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider({ resources: { 'https://api.example.org/': 'read write' } })
  })
  afterAll(() => at.close())

  const scope = 'openid offline_access read'
  const made = (clientId: string, clientSecret?: string) =>
    client({ issuer: at.issuer, clientId, clientSecret, scope, clock: hasty, timeoutMs: 2_000_000 })

  test('is approved by a person, and brings their tokens', async () => {
    const shown: DevicePrompt[] = []
    const prompt = async (device: DevicePrompt): Promise<void> => {
      shown.push(device)
      await at.approve(device.userCode, { login: 'pierre' })
    }
    const set = await deviceCode(made('script'), { prompt })()
    expect(at.verify(set.token.accessToken)).toMatchObject({ clientId: 'script', login: 'pierre', scope })
    expect(set).toMatchObject({ scope, idTokenClaims: { sub: 'pierre', aud: 'script' } })
    expect(set.refreshToken).toEqual(expect.any(String))
    expect(shown).toEqual([
      {
        userCode: expect.stringMatching(/^\w{4}-\w{4}$/),
        verificationUri: `${at.issuer}/device`,
        verificationUriComplete: expect.stringContaining(`${at.issuer}/device?user_code=`),
        expiresAt: expect.any(Number),
      },
    ])
  })

  test('is denied by a person', async () => {
    const prompt = (device: DevicePrompt): Promise<void> => at.approve(device.userCode, { deny: true })
    const error = await thrown(deviceCode(made('script'), { prompt })())
    expect(error.code).toBe('LOGIN_DENIED')
    expect(error.message).toMatch(/^The device code grant failed at 127\.0\.0\.1:\d+ with 400: access_denied: /)
  })

  test('of a confidential client proves itself at both endpoints', async () => {
    const prompt = (device: DevicePrompt): Promise<void> => at.approve(device.userCode)
    const set = await deviceCode(made('basic', at.clientSecret), { prompt })()
    expect(at.verify(set.token.accessToken)).toMatchObject({ clientId: 'basic', login: 'marie' })
    const error = await thrown(deviceCode(made('basic', 'wrong'), { prompt })())
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('for a resource brings a token for that one', async () => {
    const prompt = (device: DevicePrompt): Promise<void> => at.approve(device.userCode)
    const resource = 'https://api.example.org/'
    const set = await deviceCode(made('script'), { prompt, scope: 'openid read', resource })()
    expect(at.verify(set.token.accessToken)).toMatchObject({ audience: resource, scope: 'read' })
  })

  test('of an unknown client is CONFIG_INVALID', async () => {
    const prompt = (): void => expect.unreachable('there is no code')
    expect(await thrown(deviceCode(made('nobody'), { prompt })())).toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('a device login', () => {
  let at: DrivenLogin
  afterEach(() => at.issuer.close())

  const asked = (): Readonly<Record<string, string>> | undefined => at.issuer.received('/device_authorization')[0]?.form

  test('asks with everything it was given, and polls with what counts there', async () => {
    at = await drivenLogin({}, granted)
    const parameters = { prompt_hint: 'x' }
    const wanted = { scope: 'openid read', audience: ['a', 'b'], resource: 'https://r.example/', parameters }
    const set = await at.run(wanted)
    expect(at.issuer.received('/device_authorization')[0]?.body).toBe(
      'prompt_hint=x&client_id=c&scope=openid+read&audience=a&audience=b&resource=https%3A%2F%2Fr.example%2F',
    )
    expect(at.issuer.received('/token')[0]?.body).toMatch(/&audience=a&audience=b&client_id=c$/)
    expect(at.polls[0]).toMatchObject({ prompt_hint: 'x', device_code: 'DC-secret' })
    expect(set.scope).toBe('openid read')
  })

  test('sends the client id in the form, with Basic too: INDIGO IAM wants it', async () => {
    at = await drivenLogin({}, granted)
    const { issuer } = at.issuer
    await deviceCode(client({ issuer, clientId: 'c', clientSecret: 's', clock: hasty, timeoutMs: 2_000_000 }), {
      prompt: () => undefined,
    })()
    expect(asked()).toEqual({ client_id: 'c' })
  })

  test('sends no proof key unless asked to', async () => {
    at = await drivenLogin({}, granted)
    await at.run()
    expect(asked()).toEqual({ client_id: 'c' })
    expect(at.polls[0]).not.toHaveProperty('code_verifier')
  })

  test('sends a proof key by S256, a new one each time', async () => {
    const seen = new Set<string | undefined>()
    for (let time = 0; time < 2; time++) {
      at = await drivenLogin({}, granted)
      await at.run({ pkce: true })
      const verifier = at.polls[0]?.['code_verifier'] ?? ''
      const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier)))
      expect(verifier).toMatch(/^[\w-]{43}$/)
      expect(asked()).toMatchObject({ code_challenge: digest.toString('base64url'), code_challenge_method: 'S256' })
      seen.add(verifier)
      await at.issuer.close()
    }
    expect(seen.size).toBe(2)
  })

  test('asks for what an API wants beyond the usual', async () => {
    at = await drivenLogin({}, granted)
    const stepUp = { scope: 'write read', acrValues: 'mfa', maxAge: 0 }
    const set = await at.run({ scope: 'openid read' }, { stepUp })
    expect(asked()).toEqual({ client_id: 'c', scope: 'openid read write', acr_values: 'mfa', max_age: '0' })
    expect(set.scope).toBe('openid read write')
  })

  test('shows a person what they need, and never the device code', async () => {
    at = await drivenLogin({ verification_uri_complete: 'https://iam.example.org/device?c=1' }, granted)
    let shown: DevicePrompt | undefined
    const start = at.clock.now()
    await at.run({ prompt: (device) => void (shown = device) })
    expect(shown).toEqual({
      userCode: 'ABCD-EFGH',
      verificationUri: 'https://iam.example.org/device',
      verificationUriComplete: 'https://iam.example.org/device?c=1',
      expiresAt: start + 600_000,
    })
    expect(Object.isFrozen(shown)).toBe(true)
  })

  test("takes Google's verification_url, and codes that begin with a dash", async () => {
    const { verification_uri: verification_url, ...rest } = deviceAnswer
    at = await drivenLogin({ body: { ...rest, verification_url, user_code: '-A_B' } }, granted)
    let shown: DevicePrompt | undefined
    await at.run({ prompt: (device) => void (shown = device) })
    expect(shown).toMatchObject({ userCode: '-A_B', verificationUri: verification_url })
  })

  test('escapes what a terminal would act on', async () => {
    const device = { user_code: 'AB\u001b[2J\u202eCD', verification_uri: 'https://\u0430pple.example/\u001b[2J' }
    at = await drivenLogin(device, granted)
    let shown: DevicePrompt | undefined
    await at.run({ prompt: (device) => void (shown = device) })
    expect(shown?.userCode).toBe('AB\\u001b[2J\\u202eCD')
    expect(shown?.verificationUri).toBe('https://xn--pple-43d.example/%1B[2J')
  })

  const unfit = ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'smb://host/x', '-x', '', 5, null]
  const hosts = [
    'http://iam.example.org/device',
    'https://user:pass@iam.example.org/',
    `https://iam.example.org/${'x'.repeat(3000)}`,
    // Twelve characters each, once they are encoded.
    `https://iam.example.org/${'\u{1f511}'.repeat(300)}`,
  ]
  test.each([...unfit, ...hosts])('an address like %s is shown to nobody', async (uri) => {
    at = await drivenLogin({ verification_uri: uri }, granted)
    const prompt = (): void => expect.unreachable('nobody is sent there')
    const error: AuthError = await thrown(at.run({ prompt }))
    expect(error).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(error.message).not.toContain('pass@')
    await at.issuer.close()
    at = await drivenLogin({ verification_uri_complete: uri }, granted)
    await at.run({ prompt: (device) => expect(device).not.toHaveProperty('verificationUriComplete') })
  })

  test.each(['device_code', 'user_code', 'verification_uri'])('an answer without %s is refused', async (name) => {
    for (const value of [undefined, null, '', 5]) {
      at = await drivenLogin({ [name]: value }, granted)
      const error = await thrown(at.run())
      expect(error).toMatchObject({ code: 'RESPONSE_INVALID' })
      expect(error.message).toContain(at.issuer.issuer)
      await at.issuer.close()
    }
  })

  test.each(['invalid_grant', 'invalid_request'])('%s before there is a code is CONFIG_INVALID', async (error) => {
    at = await drivenLogin({ status: 400, body: { error } })
    expect(await thrown(at.run())).toMatchObject({ code: 'CONFIG_INVALID', refusal: { error } })
  })

  test.each([400, 200])('an error with %i is what it says', async (status) => {
    at = await drivenLogin({ status, body: { error: 'unauthorized_client' } })
    expect(await thrown(at.run())).toMatchObject({ code: 'CONFIG_INVALID', refusal: { status } })
  })

  test('where the issuer has no device endpoint is UNSUPPORTED', async () => {
    at = await drivenLogin({}, granted)
    const fetch = async (): Promise<Response> => Response.json({ issuer: 'https://a.example' })
    const login = deviceCode(client({ issuer: 'https://a.example', clientId: 'c', fetch }), { prompt: () => undefined })
    const error = await thrown(login())
    expect(error).toMatchObject({ code: 'UNSUPPORTED' })
    expect(error.message).toBe('https://a.example offers no device authorization endpoint.')
  })
})
