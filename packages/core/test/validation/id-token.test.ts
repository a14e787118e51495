import { createHash } from 'node:crypto'
import { client, clientCredentials, memoryStore, session, userinfo } from '@latchkey/core'
import { manualClock } from '@latchkey/testkit'
import { UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SigningIssuer, signingIssuer } from '../issuer/signing-issuer.ts'
import { thrown } from '../issuer/thrown.ts'
import { loginAt, tokens } from './login-at.ts'

let at: SigningIssuer
beforeEach(async () => {
  at = await signingIssuer()
})
afterEach(() => at.close())

const now = Math.floor(Date.now() / 1000)
const refused = async (idToken: object | string | null, maxAge?: number): Promise<void> => {
  const error = await thrown(loginAt(at, { idToken, options: { maxAge } }))
  expect(error.code).toBe('RESPONSE_INVALID')
  expect(error.message).toContain(at.issuer)
}
const accepted = async (idToken: object, maxAge?: number): Promise<void> => {
  expect((await loginAt(at, { idToken, options: { maxAge } })).idTokenClaims).toMatchObject({ sub: 'marie' })
}

// The rows of the checklist that a relying party is measured by, by their numbers.
describe('a relying party and an ID token', () => {
  const missing = ['iss', 'aud', 'sub', 'exp', 'iat'].map((name) => ({ [name]: undefined }))
  test.each([{ iss: 'https://evil.example' }, { iss: 'HTTP://EVIL' }, { aud: 'other' }, { aud: [] }, ...missing])(
    'rp 4: refuses one with %j',
    (claims) => refused(claims),
  )

  test('rp 5: refuses several audiences without azp, and a foreign azp beside one', async () => {
    await accepted({ aud: ['c', 'other'], azp: 'c' })
    await refused({ aud: ['c', 'other'] })
    await refused({ aud: ['c', 'other'], azp: 'other' })
    await refused({ azp: 'other' })
  })

  test('rp 6: refuses one with another nonce, or none', async () => {
    await refused({ nonce: 'another' })
    await refused({ nonce: undefined })
  })

  test('rp 7: refuses a login with openid that brings none', () => refused(null))

  test('rp 8: refuses one that another key has signed', async () => {
    await refused(await at.forged())
  })

  test.each(['none', 'None', 'NONE'])('rp 9: refuses alg %s, though the issuer lists it', async (alg) => {
    await at.close()
    at = await signingIssuer({ metadata: { id_token_signing_alg_values_supported: ['none', 'ES256', alg] } })
    const [, payload] = new UnsecuredJWT({ iss: at.issuer, aud: 'c', sub: 'marie', iat: now, exp: now + 60 })
      .encode()
      .split('.')
    const header = Buffer.from(JSON.stringify({ alg })).toString('base64url')
    await refused(`${header}.${payload}.`)
  })

  test('rp 9: refuses an algorithm that the issuer does not list', async () => {
    await at.close()
    at = await signingIssuer({ metadata: { id_token_signing_alg_values_supported: ['RS256'] } })
    await refused({})
  })

  test('rp 10: refuses one of another access token', async () => {
    const half = (token: string): string =>
      createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url')
    await accepted({ at_hash: half('AT') })
    await refused({ at_hash: half('other') })
  })

  test('rp 11: asks for a code alone, and looks at no token that came through the browser', async () => {
    const forged = await at.forged()
    const back = ({ url, state }: { readonly url: string; readonly state: string }): string => {
      expect(new URL(url).searchParams.get('response_type')).toBe('code')
      return `code=C&state=${state}&id_token=${forged}&access_token=evil`
    }
    expect((await loginAt(at, { back })).token.accessToken).toBe('AT')
  })

  test('rp 14: takes one that ended half a minute ago, by the issuer’s clock where ours is wrong', async () => {
    await accepted({ exp: now - 20 })
    await refused({ exp: now - 90 })
    const clock = manualClock((now - 7_200) * 1000)
    at.grants({ id_token: await at.idToken() }, { date: new Date(now * 1000).toUTCString() })
    const set = await clientCredentials(client({ issuer: at.issuer, clientId: 'c', clock }))()
    expect(set.idTokenClaims).toBeDefined()
  })

  test('rp 15: takes one made a week ago, and refuses one made in an hour', async () => {
    await accepted({ iat: now - 7 * 86_400 })
    await refused({ iat: now + 3_600 })
  })

  test('rp 16: refuses one that begins in two minutes', async () => {
    await accepted({ nbf: now + 20 })
    await refused({ nbf: now + 120 })
  })

  test('rp 17: refuses an authentication longer ago than was asked for, and one that is not told', async () => {
    await accepted({ auth_time: now - 50 }, 60)
    await refused({ auth_time: now - 600 }, 60)
    await refused({ auth_time: 'yesterday' }, 60)
    await refused({}, 60)
  })

  test('rp 18: refuses userinfo about another person', async () => {
    const made = client({ issuer: at.issuer, clientId: 'c' })
    at.add({ request: 'GET /userinfo', reply: { body: { sub: 'pierre' } }, times: 2 })
    expect(await thrown(userinfo(made, 'AT', { subject: 'marie' }))).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(await userinfo(made, 'AT', { subject: 'pierre' })).toEqual({ sub: 'pierre' })
  })
})

/** A refresh of marie's login. */
async function refreshed(idToken: string) {
  const store = memoryStore()
  const key = { issuer: at.issuer, clientId: 'c' }
  await store.update(key, async () => ({ refreshToken: 'RT1', subject: 'marie', tokens: {} }))
  at.add({ request: 'POST /token', reply: tokens({ refresh_token: 'RT2', id_token: idToken }) })
  return { work: session({ ...key, store }).getToken(), stored: () => store.get(key) }
}

describe('a relying party and the ID token of a refresh', () => {
  test('rp 24: takes one of the same person and issuer', async () => {
    const { work } = await refreshed(await at.idToken())
    expect((await work).accessToken).toBe('AT')
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['another person', { sub: 'pierre' }],
    ['nobody', { sub: undefined }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another client', { aud: 'other' }],
  ])('rp 24: refuses one of %s: its access token goes nowhere, the login stays marie’s', async (_, claims) => {
    const { work, stored } = await refreshed(await at.idToken(claims))
    expect(await thrown(work)).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(await stored()).toMatchObject({ subject: 'marie', refreshToken: 'RT2', tokens: {} })
  })
})
