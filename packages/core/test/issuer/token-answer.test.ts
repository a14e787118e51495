import { inspect } from 'node:util'
import { client, clientCredentials, refreshToken, type TokenSet } from '@latchkey/core'
import { type ManualClock, manualClock, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refreshTokenIn } from '../../src/issuer/token-answer.ts'
import { thrown } from './thrown.ts'

let issuer: ScriptedIssuer
let clock: ManualClock
beforeEach(async () => {
  issuer = await scriptedIssuer([])
  clock = manualClock()
})
afterEach(() => issuer.close())

/** What a refresh makes of an answer. */
function answered(members: object | string): Promise<TokenSet> {
  const body = typeof members === 'string' ? members : { access_token: 'AT', token_type: 'Bearer', ...members }
  issuer.add({ request: 'POST /token', reply: { body } })
  return refreshToken(client({ issuer: issuer.issuer, clientId: 'c', clock }), 'RT')()
}

const tenYears = 10 * 365 * 24 * 60 * 60

describe('expires_in', () => {
  test.each([
    ['3600', 3600],
    ['"3600"', 3600],
    ['0', 0],
    ['3600.5', 3600.5],
    ['1e18', tenYears],
    ['1e999', tenYears],
    ['null', undefined],
    ['""', undefined],
    ['"abc"', undefined],
    ['-1', undefined],
    ['"-1"', undefined],
    ['true', undefined],
    ['{}', undefined],
  ])('%s means %j seconds from receipt', async (written, seconds) => {
    const { token } = await answered(`{"access_token":"AT","token_type":"bearer","expires_in":${written}}`)
    expect(token.expiresAt).toBe(seconds === undefined ? undefined : clock.now() + seconds * 1000)
  })

  test('missing, the token is good until it is refused', async () => {
    expect(await answered({})).toEqual({ token: { accessToken: 'AT', tokenType: 'Bearer' } })
  })
})

describe('token_type', () => {
  test.each(['bearer', 'BEARER', 'Bearer'])('%s is Bearer', async (type) => {
    expect((await answered({ token_type: type })).token.tokenType).toBe('Bearer')
  })

  test.each([undefined, null, '', 5, 'bearer ', 'mac', 'DPoP'])('%j is refused', async (type) => {
    const error = await thrown(answered({ token_type: type }))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toContain(issuer.issuer)
  })
})

test.each(['N_A', 'n_a'])('a token of type %s is none for an API: UNSUPPORTED, with what to do', async (type) => {
  const error = await thrown(answered({ token_type: type }))
  expect(error.code).toBe('UNSUPPORTED')
  expect(error.message).toContain('Ask for another kind.')
})

describe('access_token', () => {
  test.each([undefined, null, '', 5, 'a b', 'a\r\nb', 'a\u0000', 'é'])('%j is refused', async (token) => {
    const error = await thrown(answered({ access_token: token }))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(inspect(error)).not.toContain('a\r\nb')
  })
})

describe('what servers leave out in odd ways', () => {
  test.each([null, ''])('a refresh or ID token of %j is none', async (nothing) => {
    const set = await answered({ refresh_token: nothing, id_token: nothing })
    expect(set.refreshToken).toBeUndefined()
    expect(set.idTokenClaims).toBeUndefined()
  })

  test.each([5, {}, ['x']])('a refresh token of %j is refused', async (value) => {
    expect(await thrown(answered({ refresh_token: value }))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test.each([
    ['openid read', 'openid read'],
    ['', ''],
    [undefined, undefined],
    [null, undefined],
    [['openid', 'read'], 'openid read'],
  ])('a scope of %j is %j', async (scope, granted) => {
    const set = await answered({ scope })
    expect([set.scope, set.token.scope]).toEqual([granted, granted])
  })

  test('a scope that was not granted whole is what was granted, one that was not named what was asked for', async () => {
    const made = client({ issuer: issuer.issuer, clientId: 'c', scope: 'read write', clock })
    const body = { access_token: 'AT', token_type: 'bearer' }
    issuer.add({ request: 'POST /token', reply: { body: { ...body, scope: 'read' } } })
    expect((await clientCredentials(made)()).scope).toBe('read')
    issuer.add({ request: 'POST /token', reply: { body } })
    expect((await clientCredentials(made)()).scope).toBe('read write')
  })

  test('valid JSON under any content type is an answer', async () => {
    const text = JSON.stringify({ access_token: 'AT', token_type: 'bearer' })
    issuer.add({
      request: 'POST /token',
      reply: { status: 201, headers: { 'content-type': 'text/plain' }, body: text },
    })
    const set = await refreshToken(client({ issuer: issuer.issuer, clientId: 'c', clock }), 'RT')()
    expect(set.token.accessToken).toBe('AT')
  })
})

describe('an error in an answer with 200', () => {
  test('is the refusal that it is, without what we sent', async () => {
    const error = await thrown(answered('{"error":"invalid_grant","error_description":"RT-long is gone"}'))
    expect(error).toMatchObject({ code: 'LOGIN_REQUIRED', refusal: { status: 200, error: 'invalid_grant' } })
  })

  test('does not count beside a token', async () => {
    expect((await answered({ error: '' })).token.accessToken).toBe('AT')
    expect((await answered({ error: 'none' })).token.accessToken).toBe('AT')
  })

  test('beside a refresh token alone, the answer brings no access token', async () => {
    const error = await thrown(answered('{"error":"odd","refresh_token":"RT2"}'))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toContain('brings no access token')
  })
})

describe('the result', () => {
  test('is frozen, and prints neither token', async () => {
    const set = await answered({ access_token: 'AT-secret', refresh_token: 'RT-secret', scope: 'read' })
    expect(set.refreshToken).toBe('RT-secret')
    expect(Object.isFrozen(set)).toBe(true)
    for (const printed of [inspect(set, { showHidden: true }), JSON.stringify(set)]) {
      expect(printed).not.toContain('-secret')
      expect(printed).toContain('<redacted>')
      expect(printed).toContain('read')
    }
  })
})

describe('a refresh token in a raw answer', () => {
  test.each([
    ['{"refresh_token":"RT2"}', 'RT2'],
    ['\ufeff{"refresh_token":"RT2","access_token":5}', 'RT2'],
    ['{"refresh_token":""}', undefined],
    ['{"refresh_token":5}', undefined],
    ['{"__proto__":{"refresh_token":"RT2"}}', undefined],
    ['[{"refresh_token":"RT2"}]', undefined],
    ['{"refresh_token":"RT', undefined],
    ['', undefined],
  ])('of %s is %j', (text, token) => {
    expect(refreshTokenIn(text)).toBe(token)
  })
})
