import { createHash } from 'node:crypto'
import { client, clientCredentials, type IssuerMetadata, type TokenSet } from '@latchkey/core'
import { manualClock } from '@latchkey/testkit'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tokenSetOf } from '../../src/issuer/token-answer.ts'
import { type SigningIssuer, signingIssuer } from './signing-issuer.ts'
import { thrown } from './thrown.ts'

let issuer: SigningIssuer
beforeEach(async () => {
  issuer = await signingIssuer()
})
afterEach(() => issuer.close())

/** What a login makes of an answer with this ID token: any grant checks as much. */
function answered(idToken: string | undefined): Promise<TokenSet> {
  issuer.grants({ id_token: idToken })
  return clientCredentials(client({ issuer: issuer.issuer, clientId: 'c' }))()
}

const seconds = (ms: number): number => Math.floor((Date.now() + ms) / 1000)
const halfHash = (token: string, hash = 'sha256'): string => {
  const digest = createHash(hash).update(token).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

describe('an ID token', () => {
  test('that holds gives its claims, frozen', async () => {
    const set = await answered(await issuer.idToken({ name: 'Marie' }))
    expect(set.idTokenClaims).toMatchObject({ sub: 'marie', name: 'Marie', iss: issuer.issuer })
    expect(Object.isFrozen(set.idTokenClaims)).toBe(true)
    expect(issuer.received('/jwks')).toHaveLength(1)
  })

  test('that is not there is missed by nobody: the access token is what was asked for', async () => {
    expect((await answered(undefined)).idTokenClaims).toBeUndefined()
  })

  const good: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['several audiences, for which azp names the client', { aud: ['c', 'other'], azp: 'c' }],
    ['one audience in a list', { aud: ['c'] }],
    ['at_hash of its access token', { at_hash: halfHash('AT') }],
    ['an end that has passed by 20 s', { exp: seconds(-20_000) }],
    ['a beginning 20 s ahead', { nbf: seconds(20_000) }],
    ['made 5 min ahead', { iat: seconds(300_000) }],
    ['made a week ago', { iat: seconds(-7 * 86_400_000) }],
    ['a nonce that nobody asked for', { nonce: 'n' }],
  ]
  test.each(good)('with %s is accepted', async (_, claims) => {
    expect((await answered(await issuer.idToken(claims))).idTokenClaims).toMatchObject({ sub: 'marie' })
  })

  const bad: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['of another issuer', { iss: 'https://evil.example' }, '"iss"'],
    ['without an issuer', { iss: undefined }, '"iss"'],
    ['for another client', { aud: 'other' }, '"aud"'],
    ['for other clients', { aud: ['other', 'another'] }, '"aud"'],
    ['without an audience', { aud: undefined }, '"aud"'],
    ['for several clients without azp', { aud: ['c', 'other'] }, 'untrusted audiences'],
    ['for several clients, with the azp of another', { aud: ['c', 'other'], azp: 'other' }, 'azp'],
    ['for this client, with the azp of another', { azp: 'other' }, '(azp)'],
    ['without a subject', { sub: undefined }, '"sub"'],
    ['with an empty subject', { sub: '' }, 'names nobody (sub)'],
    ['without an end', { exp: undefined }, '"exp"'],
    ['with an end in words', { exp: 'tomorrow' }, '"exp"'],
    ['that has ended', { exp: seconds(-60_000) }, 'expiration is past'],
    ['without its time', { iat: undefined }, '"iat"'],
    ['made in the future', { iat: seconds(3_600_000) }, 'made in the future (iat)'],
    ['that begins later', { nbf: seconds(120_000) }, '"nbf"'],
    ['of another access token', { at_hash: halfHash('other') }, '(at_hash)'],
    ['whose at_hash is no text', { at_hash: 5 }, '(at_hash)'],
  ]
  test.each(bad)('%s is refused', async (_, claims, says) => {
    const error = await thrown(answered(await issuer.idToken(claims)))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toContain(issuer.issuer)
    expect(error.message).toContain(says)
  })

  test('that is no JWT is refused', async () => {
    for (const text of ['x', 'a.b', 'a.b.c', 'e30.e30.', 'a.b.c.d.e', '....']) {
      expect(await thrown(answered(text))).toMatchObject({ code: 'RESPONSE_INVALID' })
    }
  })
})

describe('the signature of an ID token', () => {
  test('by another key is refused', async () => {
    expect(await thrown(answered(await issuer.forged()))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('by a key that the issuer does not list is refused', async () => {
    expect(await thrown(answered(await issuer.idToken({}, { kid: 'k2' })))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('without a kid is checked with the one key that fits', async () => {
    expect((await answered(await issuer.idToken({}, { kid: undefined }))).idTokenClaims).toMatchObject({ sub: 'marie' })
  })

  test('by an algorithm that the issuer does not list is refused', async () => {
    await issuer.close()
    issuer = await signingIssuer({ metadata: { id_token_signing_alg_values_supported: ['RS256'] } })
    expect(await thrown(answered(await issuer.idToken()))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test.each([[['none']], [['ES256', 'none']], [['none', 'None']], [undefined]])(
    'missing (alg none) is refused, also where the issuer lists %j and the signature need not be checked',
    async (listed) => {
      await issuer.close()
      issuer = await signingIssuer({ metadata: { id_token_signing_alg_values_supported: listed } })
      const claims = { iss: issuer.issuer, aud: 'c', sub: 'marie', iat: seconds(0), exp: seconds(60_000) }
      const unsigned = new UnsecuredJWT(claims).encode()
      const made = client({ issuer: issuer.issuer, clientId: 'c' })
      for (const header of ['none', 'None', 'NONE']) {
        const start = Buffer.from(JSON.stringify({ alg: header })).toString('base64url')
        const body = { access_token: 'AT', token_type: 'bearer', id_token: unsigned.replace(/^[^.]*/, start) }
        for (const signature of [true, false]) {
          const set = tokenSetOf(made, JSON.stringify(body), { receivedAt: Date.now(), signature })
          expect(await thrown(set)).toMatchObject({ code: 'RESPONSE_INVALID' })
        }
      }
    },
  )

  test('by a shared secret (HS256) is not checked here: refused, with what to change', async () => {
    await issuer.close()
    issuer = await signingIssuer({ metadata: { id_token_signing_alg_values_supported: ['HS256', 'ES256'] } })
    const claims = { iss: issuer.issuer, aud: 'c', sub: 'marie', iat: seconds(0), exp: seconds(60_000) }
    const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' })
    const error = await thrown(answered(await jwt.sign(new TextEncoder().encode('a secret of thirty-two letters!!'))))
    expect(error.code).toBe('UNSUPPORTED')
    expect(error.message).toContain('HS256')
    expect(error.message).toContain('id_token_signed_response_alg')
  })

  test('need not be checked where TLS stands in for it: then no keys are asked for', async () => {
    const made = client({ issuer: issuer.issuer, clientId: 'c' })
    const text = JSON.stringify({ access_token: 'AT', token_type: 'bearer', id_token: await issuer.forged() })
    const set = await tokenSetOf(made, text, { receivedAt: Date.now(), signature: false })
    expect(set.idTokenClaims).toMatchObject({ sub: 'marie' })
    expect(issuer.received('/jwks')).toEqual([])
  })

  test('is checked with keys that are fetched once for many logins', async () => {
    for (let login = 0; login < 3; login++) await answered(await issuer.idToken())
    expect(issuer.received('/jwks')).toHaveLength(1)
  })

  test('cannot be checked where the issuer names no keys', async () => {
    await issuer.close()
    issuer = await signingIssuer({ metadata: { jwks_uri: undefined } })
    expect(await thrown(answered(await issuer.idToken()))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })
})

describe('a refresh', () => {
  const refreshed = async (claims: object, subject?: string): Promise<TokenSet> => {
    const made = client({ issuer: issuer.issuer, clientId: 'c' })
    const body = { access_token: 'AT', token_type: 'bearer', id_token: await issuer.idToken({ ...claims }) }
    return tokenSetOf(made, JSON.stringify(body), { receivedAt: Date.now(), signature: false, subject })
  }

  test('of the same person is accepted', async () => {
    expect((await refreshed({}, 'marie')).idTokenClaims).toMatchObject({ sub: 'marie' })
  })

  test('that brings another person or another issuer is refused', async () => {
    const error = await thrown(refreshed({}, 'pierre'))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toContain('names another person than the login (sub)')
    expect(await thrown(refreshed({ iss: 'https://evil.example' }))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })
})

describe("an issuer's spelling of itself", () => {
  test('is what iss is compared with, also where the user left out its slash', async () => {
    await issuer.close()
    issuer = await signingIssuer({ metadata: (at) => ({ issuer: `${at}/` }) })
    expect((await answered(await issuer.idToken({ iss: `${issuer.issuer}/` }))).idTokenClaims).toBeDefined()
    const error = await thrown(answered(await issuer.idToken({ iss: issuer.issuer })))
    expect(error.code).toBe('RESPONSE_INVALID')
    const metadata: IssuerMetadata = await client({ issuer: issuer.issuer, clientId: 'c' }).metadata()
    expect(metadata.issuer).toBe(`${issuer.issuer}/`)
  })
})

describe('a wrong clock of this machine', () => {
  const issuerTime = Date.UTC(2026, 0, 1)

  async function login(offsetMs: number, dated: boolean): Promise<TokenSet> {
    await issuer.close()
    issuer = await signingIssuer({}, issuerTime)
    const headers = { date: dated ? new Date(issuerTime).toUTCString() : '' }
    issuer.grants({ id_token: await issuer.idToken(), expires_in: 300 }, headers)
    const clock = manualClock(issuerTime + offsetMs)
    return clientCredentials(client({ issuer: issuer.issuer, clientId: 'c', clock }))()
  }

  test.each([-600_000, 600_000, -86_400_000, 86_400_000])('by %i ms keeps nobody out', async (offsetMs) => {
    const set = await login(offsetMs, true)
    expect(set.idTokenClaims).toMatchObject({ sub: 'marie' })
    expect(set.token.expiresAt).toBe(issuerTime + offsetMs + 300_000)
  })

  test('is named where the issuer does not say its time', async () => {
    const error = await thrown(login(600_000, false))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toMatch(/expiration is past.*Check the clock of this machine\.$/)
  })

  test.each([
    [-600_000, 'it is 600 s behind the issuer'],
    [600_000, 'it is 600 s ahead of the issuer'],
  ])('by %i ms is measured where a token holds by neither clock', async (offsetMs, says) => {
    await issuer.close()
    issuer = await signingIssuer({}, issuerTime)
    const ended = await issuer.idToken({ exp: (issuerTime - 3_600_000) / 1000 })
    issuer.grants({ id_token: ended }, { date: new Date(issuerTime).toUTCString() })
    const clock = manualClock(issuerTime + offsetMs)
    const error = await thrown(clientCredentials(client({ issuer: issuer.issuer, clientId: 'c', clock }))())
    expect(error.message).toContain(says)
  })
})
