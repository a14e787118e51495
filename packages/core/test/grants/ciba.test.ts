import { type CibaOptions, type CibaPrompt, ciba, client } from '@latchkey/core'
import {
  manualClock,
  type Provider,
  provider,
  type Reply,
  type ScriptedIssuer,
  scriptedIssuer,
} from '@latchkey/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { drive } from '../issuer/drive.ts'
import { hasty, thrown } from '../issuer/thrown.ts'

const scope = 'openid offline_access read'

describe('a login on another device at an OpenID provider', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider({
      clients: [
        {
          client_id: 'till',
          client_secret: 'a secret',
          grant_types: ['urn:openid:params:grant-type:ciba', 'refresh_token'],
          response_types: [],
          redirect_uris: [],
          backchannel_token_delivery_mode: 'poll',
        },
      ],
    })
  })
  afterAll(() => at.close())

  const made = (clientSecret = 'a secret') =>
    client({ issuer: at.issuer, clientId: 'till', clientSecret, scope, clock: hasty, timeoutMs: 2_000_000 })

  test('is agreed to by the person, and brings their tokens', async () => {
    const shown: CibaPrompt[] = []
    const prompt = async (told: CibaPrompt): Promise<void> => {
      shown.push(told)
      await at.answerAsked()
    }
    const set = await ciba(made(), { loginHint: 'pierre', bindingMessage: 'W4SCT', prompt })()
    expect(at.verify(set.token.accessToken)).toMatchObject({ clientId: 'till', login: 'pierre' })
    expect(set.idTokenClaims).toMatchObject({ sub: 'pierre' })
    expect(set.refreshToken).toEqual(expect.any(String))
    expect(shown).toEqual([{ bindingMessage: 'W4SCT', expiresAt: expect.any(Number) }])
  })

  test('is refused by the person', async () => {
    const prompt = (): Promise<void> => at.answerAsked({ deny: true })
    expect(await thrown(ciba(made(), { loginHint: 'pierre', prompt })())).toMatchObject({ code: 'LOGIN_DENIED' })
  })

  test('of nobody, and by a client with a wrong secret, is CONFIG_INVALID', async () => {
    const error = await thrown(ciba(made(), { loginHint: 'nobody' })())
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', refusal: { error: 'unknown_user_id' } })
    expect(await thrown(ciba(made('wrong'), { loginHint: 'marie' })())).toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('a login on another device', () => {
  const asked = { auth_req_id: 'ID-secret', expires_in: 120, interval: 2 }
  const pending: Reply = { status: 400, body: { error: 'authorization_pending' } }
  let issuer: ScriptedIssuer
  afterEach(() => issuer.close())

  /** Runs it on a clock of its own; gives the seconds between polls. */
  async function run(reply: Reply, polls: readonly Reply[], options: Partial<CibaOptions> = {}) {
    issuer = await scriptedIssuer([{ request: 'POST /ciba', reply }], {
      metadata: (at) => ({ backchannel_authentication_endpoint: `${at}/ciba` }),
    })
    for (const [index, one] of polls.entries()) {
      const times = index === polls.length - 1 ? Number.POSITIVE_INFINITY : 1
      issuer.add({ request: 'POST /token', reply: one, times })
    }
    const clock = manualClock()
    const pauses = () => clock.sleeps.filter((ms) => ms !== 77_777)
    const made = client({ issuer: issuer.issuer, clientId: 'c', clientSecret: 's', clock, timeoutMs: 77_777 })
    const work = ciba(made, { loginHint: 'marie', ...options })()
    await drive(clock, work, pauses)
    return { work, pauses: pauses().map((ms) => ms / 1000) }
  }
  const granted: Reply = { body: { access_token: 'AT', token_type: 'bearer', scope: 'read' } }

  test('asks for openid and with every hint it was given, and polls with the id at the pace it is told', async () => {
    const options = { bindingMessage: 'W4', userCode: '1234', requestedExpiry: 60, scope: 'read' }
    const slow: Reply = { status: 400, body: { error: 'slow_down' } }
    const { work, pauses } = await run({ body: asked }, [pending, slow, granted], options)
    expect((await work).token.accessToken).toBe('AT')
    expect(issuer.received('/ciba')[0]?.form).toEqual({
      login_hint: 'marie',
      binding_message: 'W4',
      user_code: '1234',
      requested_expiry: '60',
      scope: 'openid read',
    })
    expect(issuer.received('/token')[0]?.form).toEqual({
      grant_type: 'urn:openid:params:grant-type:ciba',
      auth_req_id: 'ID-secret',
    })
    expect(pauses).toEqual([2, 2, 7])
  })

  test('that nobody answers ends with its time', async () => {
    const { work } = await run({ body: { ...asked, expires_in: 10 } }, [pending])
    const error = await thrown(work)
    expect(error).toMatchObject({ code: 'LOGIN_EXPIRED' })
    expect(error.message).toBe(`The login was not approved in time at ${issuer.issuer}. Start the login again.`)
  })

  test.each([
    ['expired_token', 'LOGIN_EXPIRED'],
    ['access_denied', 'LOGIN_DENIED'],
    ['transaction_failed', 'LOGIN_DENIED'],
    ['invalid_grant', 'LOGIN_EXPIRED'],
  ])('that ends with %s is %s', async (error, code) => {
    const { work } = await run({ body: asked }, [{ status: 400, body: { error } }])
    expect(await thrown(work)).toMatchObject({ code })
    expect(issuer.received('/token')).toHaveLength(1)
  })

  test.each(['invalid_grant', 'invalid_request', 'unknown_user_id'])(
    'that is refused with %s before anybody was asked is CONFIG_INVALID',
    async (error) => {
      const { work } = await run({ status: 400, body: { error } }, [])
      expect(await thrown(work)).toMatchObject({ code: 'CONFIG_INVALID', refusal: { error } })
    },
  )

  test('without an id in the answer is RESPONSE_INVALID, without an interval polls every 5 s', async () => {
    const none = await run({ body: { expires_in: 10 } }, [])
    expect(await thrown(none.work)).toMatchObject({ code: 'RESPONSE_INVALID' })
    await issuer.close()
    const { pauses } = await run({ body: { auth_req_id: 'ID-secret' } }, [granted])
    expect(pauses).toEqual([5])
  })

  test('names exactly one hint', async () => {
    const made = client({ issuer: 'https://iam.example.org', clientId: 'c' })
    for (const options of [{}, { loginHint: 'a', idTokenHint: 'b' }]) {
      expect(() => ciba(made, options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    }
    issuer = await scriptedIssuer([])
    const error = await thrown(ciba(client({ issuer: issuer.issuer, clientId: 'c' }), { idTokenHint: 'b' })())
    expect(error).toMatchObject({
      code: 'UNSUPPORTED',
      message: `${issuer.issuer} offers no backchannel authentication endpoint.`,
    })
  })
})
