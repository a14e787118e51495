import { inspect } from 'node:util'
import { client, clientCredentials, deviceCode, dpopKey, memoryStore, refreshToken, session } from '@latchkey/core'
import { manualClock } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { drivenLogin, granted } from '../grants/driven.ts'
import { type SigningIssuer, signingIssuer } from '../issuer/signing-issuer.ts'
import { thrown } from '../issuer/thrown.ts'
import { answeredAt, loginAt, tokens } from './login-at.ts'

let at: SigningIssuer
beforeEach(async () => {
  at = await signingIssuer({ metadata: { authorization_response_iss_parameter_supported: true } })
})
afterEach(() => at.close())

const iss = (): string => encodeURIComponent(at.issuer)
const refusedBack = async (back: (state: string) => string, says: string): Promise<void> => {
  let known: boolean | undefined
  const look = (prompt: { readonly state: string; isAnswer(text: string): boolean }): string => {
    known = prompt.isAnswer(back(prompt.state))
    return back(prompt.state)
  }
  const error = await thrown(loginAt(at, { back: look }))
  expect(error.code).toBe('RESPONSE_INVALID')
  expect(error.message).toContain(says)
  expect(known).toBe(false)
  expect(at.received('/token')).toEqual([])
}

// The rows of the checklist that a relying party is measured by, by their numbers.
describe('a relying party and what comes back from the browser', () => {
  test.each(['', 'state=', 'state=other', 'state=STATE&state=STATE', 'state=STATE&state=other'])(
    'rp 19: is no answer with "%s"',
    (text) => refusedBack((state) => `code=C&iss=${iss()}&${text.replaceAll('STATE', state)}`, '(state)'),
  )

  test.each(['', 'iss=', 'iss=https://evil.example', 'iss=ISS&iss=ISS', 'iss=ISS%2F'])(
    'rp 20: is no answer with "%s" where the issuer says that it names itself',
    (text) => refusedBack((state) => `code=C&state=${state}&${text.replaceAll('ISS', iss())}`, '(iss)'),
  )

  test('rp 21: is no refusal before state and iss are right', async () => {
    await refusedBack(() => 'error=access_denied', '(state)')
    await refusedBack((state) => `error=access_denied&state=${state}`, '(iss)')
    const back = ({ state }: { readonly state: string }): string => `error=access_denied&state=${state}&iss=${iss()}`
    expect(await thrown(loginAt(at, { back }))).toMatchObject({ code: 'LOGIN_DENIED' })
  })

  test.each(['code=C&code=D', 'code=', 'error=a&error=b', 'x=y'])('rp 22: is no answer with "%s"', (text) =>
    refusedBack((state) => `${text}&state=${state}&iss=${iss()}`, ' has '),
  )
})

describe('a relying party and a token answer', () => {
  test('rp 25: takes Bearer in any case and nothing else', async () => {
    for (const type of ['bearer', 'BEARER']) {
      expect((await answeredAt(at, tokens({ token_type: type }))).token.tokenType).toBe('Bearer')
    }
    for (const type of [undefined, null, '', 'mac', 'bearer ', 'DPoP']) {
      expect(await thrown(answeredAt(at, tokens({ token_type: type })))).toMatchObject({ code: 'RESPONSE_INVALID' })
    }
  })

  test('rp 25: refuses a Bearer token where one bound to a key was asked for', async () => {
    at.grants({})
    const grant = clientCredentials(client({ issuer: at.issuer, clientId: 'c' }))
    const error = await thrown(grant({ dpopKey: await dpopKey() }))
    expect(error.message).toContain('not bound to the key')
  })

  test.each([
    [3600, 3600],
    ['3600', 3600],
    [0, 0],
    [1e18, 315_360_000],
    [null, undefined],
    ['', undefined],
    [-1, undefined],
    [{}, undefined],
    [undefined, undefined],
  ])('rp 26: makes of expires_in %j a life of %j s', async (expires_in, seconds) => {
    at.add({ request: 'POST /token', reply: tokens({ expires_in }) })
    const clock = manualClock()
    const { token } = await clientCredentials(client({ issuer: at.issuer, clientId: 'c', clock }))()
    expect(token.expiresAt).toBe(seconds === undefined ? undefined : clock.now() + seconds * 1000)
  })

  test.each([
    [0, 1],
    ['5', 5],
    [null, 5],
    [-3, 5],
    [1e12, 60],
  ])('rp 27: waits for a device interval of %j %i s', async (interval, seconds) => {
    const device = await drivenLogin({ interval }, granted)
    await device.run()
    expect(device.pauses).toEqual([seconds])
    await device.issuer.close()
  })

  test('rp 27: takes verification_url, and a lifetime that is missing', async () => {
    const { issuer } = at
    const body = { device_code: 'D', user_code: 'U', verification_url: 'https://iam.example.org/device' }
    at.add({ request: 'POST /device_authorization', reply: { body } })
    const shown: string[] = []
    const prompt = ({ verificationUri }: { readonly verificationUri: string }): never => {
      shown.push(verificationUri)
      throw new Error('seen')
    }
    await expect(deviceCode(client({ issuer, clientId: 'c' }), { prompt })()).rejects.toThrow('seen')
    expect(shown).toEqual(['https://iam.example.org/device'])
  })

  test.each([null, ''])('rp 28: takes members of %j for none', async (nothing) => {
    const made = client({ issuer: at.issuer, clientId: 'c' })
    at.add({ request: 'POST /token', reply: tokens({ refresh_token: nothing, id_token: nothing, scope: null }) })
    const set = await refreshToken(made, 'RT')()
    expect([set.refreshToken, set.idTokenClaims, set.scope]).toEqual([undefined, undefined, undefined])
  })

  test('rp 29: records the scope that was granted, not the one that was asked for', async () => {
    const store = memoryStore()
    const key = { issuer: at.issuer, clientId: 'c' }
    at.grants({ scope: 'read', refresh_token: 'RT' })
    const login = session({ ...key, store, scope: 'read write', login: () => async () => answered() })
    const answered = () => refreshToken(client({ ...key, scope: 'read write' }), 'RT0', { scope: 'read write' })()
    expect((await login.getToken()).scope).toBe('read')
    expect((await store.get(key))?.scope).toBe('read')
  })

  test('rp 35: shows nothing of what was sent or came, however an error is printed', async () => {
    const secrets = ['RT-PLANTED', 'AT-PLANTED', 'ID-PLANTED']
    const made = client({ issuer: at.issuer, clientId: 'c' })
    at.add({ request: 'POST /token', reply: tokens({ access_token: secrets[1], id_token: secrets[2] }) })
    const error = await thrown(refreshToken(made, secrets[0] ?? '')())
    expect(error.code).toBe('RESPONSE_INVALID')
    const printed = inspect(error, { depth: 12, showHidden: true }) + JSON.stringify(error) + String(error.cause)
    for (const secret of secrets) expect(printed).not.toContain(secret)
  })

  test.each(['a b', 'a\r\nx: y', 'a\u0000', 'é', ''])('rp 36: refuses the access token %j', async (access_token) => {
    expect(await thrown(answeredAt(at, tokens({ access_token })))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })
})
