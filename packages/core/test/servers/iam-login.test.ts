import { authorizationCode, type DevicePrompt, deviceCode, type TokenSet } from '@latchkey/core'
import { manualClock, type Reply } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { drive } from '../issuer/drive.ts'
import { thrown } from '../issuer/thrown.ts'
import { type Iam, iam, refreshToken, refusal } from './iam.ts'

let at: Iam
beforeEach(async () => {
  at = await iam()
})
afterEach(() => at.close())

describe('a device login at INDIGO IAM', () => {
  const code = 'd9efc84c-654f-4a4d-861e-9c0b9f8741ff'
  const pending = refusal(400, 'authorization_pending', `Authorization pending for code: ${code}`)
  const granted: Reply = { body: { access_token: 'AT', token_type: 'Bearer', expires_in: 3599, scope: 'read' } }

  /** The login, on a clock that moves from pause to pause. */
  async function run(device: object, polls: readonly Reply[], options: { audience?: string; secret?: string } = {}) {
    const body = { user_code: 'U5MJJL', device_code: code, verification_uri: `${at.issuer}/device`, ...device }
    at.add({ request: 'POST /devicecode', reply: { body } })
    for (const [index, reply] of polls.entries()) {
      at.add({ request: 'POST /token', reply, times: index === polls.length - 1 ? Number.POSITIVE_INFINITY : 1 })
    }
    const clock = manualClock()
    const pauses = () => clock.sleeps.filter((ms) => ms !== 77_777)
    const shown: DevicePrompt[] = []
    const made = at.client({ clock, timeoutMs: 77_777, clientSecret: options.secret })
    const prompt = (told: DevicePrompt): void => void shown.push(told)
    const work = deviceCode(made, { prompt, audience: options.audience })()
    await drive(clock, work, pauses)
    return { work, shown, pauses: pauses().map((ms) => ms / 1000), lasted: clock.monotonic() / 1000 }
  }

  test('iam 10: without an interval in the answer polls every 5 s', async () => {
    const { work, pauses } = await run({ expires_in: 600 }, [pending, granted])
    expect((await work).token.accessToken).toBe('AT')
    expect(pauses).toEqual([5, 5])
  })

  test('iam 11: that the person denied, which is never told, ends with the code, and the code is not shown', async () => {
    const { work, lasted } = await run({ expires_in: 60 }, [pending])
    const error = await thrown(work)
    expect(error.code).toBe('LOGIN_EXPIRED')
    expect(error.message).not.toContain(code)
    expect(lasted).toBeLessThanOrEqual(60)
  })

  test.each([
    refusal(400, 'expired_token', 'Device code has expired'),
    refusal(400, 'invalid_grant', `Invalid device code: ${code}`),
  ])('iam 12: that took too long is LOGIN_EXPIRED by either word', async (reply) => {
    const error = await thrown((await run({ expires_in: 600 }, [reply])).work)
    expect(error.code).toBe('LOGIN_EXPIRED')
    expect(error.message).toMatch(/Start the login again\.$/)
    expect(error.message).not.toContain(code)
  })

  test('iam 13: names its client in the form beside Basic, and learns of a wrong secret when it polls', async () => {
    const bad = refusal(401, 'unauthorized', 'Bad credentials')
    const { work } = await run({ expires_in: 600 }, [bad], { secret: 'wrong' })
    expect(await thrown(work)).toMatchObject({ code: 'CONFIG_INVALID' })
    const [request] = at.received('/devicecode')
    expect(request?.form).toEqual({ client_id: 'c' })
    expect(request?.headers['authorization']).toMatch(/^Basic /)
  })

  test('iam 13: of an unknown client is an empty 404, and the line says where to look', async () => {
    at.add({ request: 'POST /devicecode', reply: { status: 404 } })
    const error = await thrown(deviceCode(at.client(), { prompt: () => undefined })())
    expect(error.message).toMatch(/with 404: an empty answer\. Check the issuer's address and the client id\.$/)
  })

  test('iam 13: without a lifetime in the answer has ten minutes', async () => {
    const { shown, work, lasted } = await run({}, [pending])
    expect(await thrown(work)).toMatchObject({ code: 'LOGIN_EXPIRED' })
    expect(shown[0]?.expiresAt).toBe(Date.UTC(2026, 0, 1) + 600_000)
    expect(lasted).toBe(600)
  })

  test('iam 14: shows its code as it is, also one that begins with a dash', async () => {
    const { shown } = await run({ user_code: '-A_9ZQ', expires_in: 60 }, [granted])
    expect(shown[0]?.userCode).toBe('-A_9ZQ')
  })

  test('iam 15: sends the audience with each poll, where alone it counts', async () => {
    await run({ expires_in: 60 }, [pending, granted], { audience: 'https://se1.example.org' })
    expect(at.forms().map((form) => form['audience'])).toEqual(['https://se1.example.org', 'https://se1.example.org'])
  })
})

describe('a login by code at INDIGO IAM', () => {
  const redirectUri = 'http://127.0.0.1:4242/callback'

  async function logIn(
    reply: Reply | ((nonce: string) => Promise<Reply>),
    back = '',
    maxAge?: number,
  ): Promise<TokenSet> {
    const receive = async ({ url, state }: { readonly url: string; readonly state: string }): Promise<string> => {
      const asked = new URL(url).searchParams
      const made = typeof reply === 'function' ? await reply(asked.get('nonce') ?? '') : reply
      at.add({ request: 'POST /token', reply: made, times: 2 })
      return `${asked.get('redirect_uri')}?${back || 'code=zTz9Or7byYRfUzPqxkE_2x'}&state=${state}`
    }
    return authorizationCode(at.client({ scope: 'openid offline_access' }), { redirectUri, receive, maxAge })()
  }
  const tokens = async (nonce: string, claims: object = {}): Promise<Reply> => ({
    body: {
      access_token: await at.accessToken(),
      token_type: 'Bearer',
      refresh_token: refreshToken(),
      expires_in: 3599,
      scope: 'openid offline_access',
      id_token: await at.idToken({ nonce, ...claims }),
    },
  })

  test('iam 27: takes an answer without iss, at the fixed port it was registered with', async () => {
    const set = await logIn((nonce) => tokens(nonce))
    expect(set.idTokenClaims).toMatchObject({ sub: '80e5fb8d' })
    expect(at.forms()[0]).toMatchObject({ redirect_uri: redirectUri })
  })

  test('iam 27: with prompt=none is LOGIN_REQUIRED, session or not', async () => {
    expect(await thrown(logIn({}, 'error=login_required'))).toMatchObject({ code: 'LOGIN_REQUIRED' })
  })

  test('iam 28: whose proof is not taken has spent its code: it is told, and nothing is sent twice', async () => {
    const reply = refusal(400, 'invalid_request', 'Code challenge and verifier do not match')
    const error = await thrown(logIn(reply))
    expect(error.code).toBe('LOGIN_EXPIRED')
    expect(error.message).toContain('invalid_request: Code challenge and verifier do not match. Start the login again.')
    expect(at.forms()).toHaveLength(1)
  })

  test('iam 28: with a code that is gone is LOGIN_EXPIRED, and the code is not shown', async () => {
    const said = 'JpaAuthorizationCodeRepository: no authorization code found for value zTz9Or7byYRfUzPqxkE_2x'
    const error = await thrown(logIn(refusal(400, 'invalid_grant', said)))
    expect(error.code).toBe('LOGIN_EXPIRED')
    expect(error.message).toContain('found for value <redacted>. Start the login again.')
  })

  test('iam 29: asked without its slash, compares iss with the slash', async () => {
    expect((await logIn((nonce) => tokens(nonce))).idTokenClaims).toMatchObject({ iss: `${at.issuer}/` })
    const error = await thrown(logIn((nonce) => tokens(nonce, { iss: at.issuer })))
    expect(error.code).toBe('RESPONSE_INVALID')
  })

  test('iam 30: is discovered by OpenID Connect alone', async () => {
    await at.client().metadata()
    expect(at.requests.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration'])
  })

  test('iam 31: takes its access and refresh tokens for what they are: opaque', async () => {
    const set = await logIn((nonce) => tokens(nonce))
    expect(set.token.accessToken.split('.')).toHaveLength(3)
    expect(set.refreshToken).toBe(refreshToken())
    expect(set.token.expiresAt).toBeGreaterThan(Date.now() + 3_500_000)
  })

  test('iam 32: takes ID tokens without at_hash and with a kid among the claims, by keys without alg and use', async () => {
    const set = await logIn((nonce) => tokens(nonce, { amr: ['pwd'] }))
    expect(set.idTokenClaims).toMatchObject({ kid: 'rsa1', amr: ['pwd'] })
    expect(set.idTokenClaims).not.toHaveProperty('at_hash')
    expect(at.received('/jwk')).toHaveLength(1)
  })

  test('iam 32: takes auth_time where max_age made it say it', async () => {
    const authTime = Math.floor(Date.now() / 1000) - 5
    expect((await logIn((nonce) => tokens(nonce, { auth_time: authTime }), '', 60)).idTokenClaims).toMatchObject({
      auth_time: authTime,
    })
  })

  test('iam 34: brings no refresh token where offline_access was not granted, and says what was', async () => {
    const set = await logIn({ body: { access_token: 'AT', token_type: 'Bearer', expires_in: 3599, scope: 'read' } })
    expect(set.refreshToken).toBeUndefined()
    expect(set.scope).toBe('read')
  })
})
