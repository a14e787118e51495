import {
  type Client,
  type ClientAuthentication,
  type ClientOptions,
  client,
  clientAssertion,
  clientCredentials,
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  privateKeyJwt,
  publicClient,
} from '@latchkey/core'
import { manualClock, type Provider, provider, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

describe('against an OpenID provider', () => {
  const awkward = { id: 'my client_1.x~*+%:/?&=', secret: 'p:w% +/?&="\\ and more of it' }
  let at: Provider
  beforeAll(async () => {
    at = await provider({
      clients: [
        {
          client_id: awkward.id,
          client_secret: awkward.secret,
          grant_types: ['client_credentials'],
          response_types: [],
          redirect_uris: [],
          token_endpoint_auth_method: 'client_secret_basic',
        },
      ],
    })
  })
  afterAll(() => at.close())

  const granted = async (clientId: string, options: Partial<ClientOptions>): Promise<string | undefined> => {
    const set = await clientCredentials(client({ issuer: at.issuer, clientId, ...options }))()
    return at.verify(set.token.accessToken)?.clientId
  }
  const by = (clientAuthentication: ClientAuthentication): Partial<ClientOptions> => ({ clientAuthentication })

  test('a secret goes by Basic', async () => {
    expect(await granted('basic', { clientSecret: at.clientSecret })).toBe('basic')
  })

  test('Basic carries every character of id and secret', async () => {
    expect(await granted(awkward.id, by(clientSecretBasic(awkward.secret)))).toBe(awkward.id)
  })

  test('a secret goes in the form', async () => {
    expect(await granted('post', by(clientSecretPost(at.clientSecret)))).toBe('post')
  })

  test('a secret signs', async () => {
    expect(await granted('secret-jwt', by(clientSecretJwt(at.clientSecret)))).toBe('secret-jwt')
  })

  test('a private key signs, as a JWK', async () => {
    expect(await granted('key-jwt', by(privateKeyJwt({ ...at.privateKey })))).toBe('key-jwt')
  })

  test('a private key signs, as a CryptoKey', async () => {
    const key = await importJWK({ ...at.privateKey }, 'ES256')
    expect(await granted('key-jwt', by(privateKeyJwt({ key, kid: 'client-key' })))).toBe('key-jwt')
  })

  test('something else signs, asked anew each time', async () => {
    const key = await importJWK({ ...at.privateKey }, 'ES256')
    const asked: object[] = []
    const assertion = clientAssertion(async (request) => {
      asked.push(request)
      const claims = { iss: request.clientId, sub: request.clientId, aud: request.issuer, jti: crypto.randomUUID() }
      const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'client-key' })
      return jwt.setIssuedAt().setExpirationTime('1m').sign(key)
    })
    for (let time = 0; time < 2; time++) expect(await granted('key-jwt', by(assertion))).toBe('key-jwt')
    const request = { issuer: at.issuer, tokenEndpoint: `${at.issuer}/token`, clientId: 'key-jwt' }
    expect(asked).toEqual([request, request])
  })

  test.each([-600_000, 600_000])(
    'an assertion made by a clock that is wrong by %i ms is refused once, with the reason',
    async (offset) => {
      const clock = manualClock(Date.now() + offset)
      const key = privateKeyJwt({ ...at.privateKey })
      // A fetch of its own: what other tests learned of this issuer's time is not known here.
      const made = client({
        issuer: at.issuer,
        clientId: 'key-jwt',
        clientAuthentication: key,
        clock,
        fetch: (...all) => fetch(...all),
      })
      const error = await thrown(clientCredentials(made)())
      expect(error.code).toBe('CONFIG_INVALID')
      expect(error.message).toMatch(
        /The clock of this machine may be why: it is (59|60)\d s (behind|ahead of) the issuer's\.$/,
      )
      // Its answer told the issuer's time.
      expect((await clientCredentials(made)()).token.tokenType).toBe('Bearer')
    },
  )

  test.each([
    ['by Basic', clientSecretBasic('wrong')],
    ['in the form', clientSecretPost('wrong')],
    ['that signs', clientSecretJwt('wrong')],
    ['that is missing', publicClient()],
  ])('a wrong secret %s is CONFIG_INVALID', async (_, authentication) => {
    const error = await thrown(granted('basic', by(authentication)))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain('invalid_client')
  })
})

describe('what is sent', () => {
  let issuer: ScriptedIssuer
  beforeEach(async () => {
    const reply = { body: { access_token: 'AT', token_type: 'bearer' } }
    issuer = await scriptedIssuer([{ request: 'POST /token', times: 9, reply }])
  })
  afterEach(() => issuer.close())

  const sent = async (options: Partial<ClientOptions>, more: Partial<Client> = {}) => {
    await clientCredentials(client({ issuer: issuer.issuer, clientId: '3f2-a_b.c', ...more, ...options }))()
    const last = issuer.received('/token').at(-1)
    return { form: last?.form ?? {}, authorization: last?.headers['authorization'] }
  }

  test('Basic is what a server that compares it undecoded expects: INDIGO IAM', async () => {
    const secret = 'B5YJ-sm8_X1.BNO-jq'
    const { authorization, form } = await sent({ clientSecret: secret })
    expect(authorization).toBe(`Basic ${btoa(`3f2-a_b.c:${secret}`)}`)
    expect(form).toEqual({ grant_type: 'client_credentials' })
  })

  test('Basic is encoded as a form is, where it must be', async () => {
    const { authorization } = await sent({ clientSecret: 'a b:%+é' })
    expect(authorization).toBe(`Basic ${btoa('3f2-a_b.c:a+b%3A%25%2B%C3%A9')}`)
  })

  test('a public client sends its id and nothing else', async () => {
    expect(await sent({})).toEqual({
      authorization: undefined,
      form: { grant_type: 'client_credentials', client_id: '3f2-a_b.c' },
    })
  })

  test.each([
    [undefined, 'basic'],
    [['client_secret_basic', 'client_secret_post'], 'basic'],
    [['client_secret_post', 'private_key_jwt'], 'form'],
    [['private_key_jwt'], 'basic'],
    ['client_secret_post', 'basic'],
  ])('a plain secret goes where the issuer lists %j: by %s', async (listed, way) => {
    await issuer.close()
    const reply = { body: { access_token: 'AT', token_type: 'bearer' } }
    const metadata = { token_endpoint_auth_methods_supported: listed }
    issuer = await scriptedIssuer([{ request: 'POST /token', reply }], { metadata })
    const { form, authorization } = await sent({ clientSecret: 'secret' })
    expect([authorization === undefined, form['client_secret']]).toEqual(
      way === 'form' ? [true, 'secret'] : [false, undefined],
    )
  })

  test('an assertion is for this issuer, for a minute, by the clock of the client, and never the same', async () => {
    const clock = manualClock(Date.UTC(2030, 0, 1))
    const reply = { headers: { date: '' }, body: { access_token: 'AT', token_type: 'bearer' } }
    await issuer.close()
    issuer = await scriptedIssuer([{ request: 'POST /token', times: 2, reply }])
    const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
    const clientAuthentication = privateKeyJwt({ ...(await exportJWK(privateKey)), kid: 'ed' })
    const seen = new Set<unknown>()
    for (let time = 0; time < 2; time++) {
      const { form } = await sent({ clientAuthentication, clock })
      const assertion = form['client_assertion'] ?? ''
      expect(form['client_assertion_type']).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'Ed25519', kid: 'ed' })
      const now = clock.now() / 1000
      const claims = decodeJwt(assertion)
      expect(claims).toMatchObject({ iss: '3f2-a_b.c', sub: '3f2-a_b.c', aud: issuer.issuer })
      expect(Math.abs((claims.iat ?? 0) - now)).toBeLessThanOrEqual(1)
      expect(Math.abs((claims.exp ?? 0) - now - 60)).toBeLessThanOrEqual(1)
      seen.add(claims.jti)
    }
    expect(seen.size).toBe(2)
  })

  test.each(['RS256', 'PS384', 'ES384'])('a %s key signs as such', async (algorithm) => {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 })
    const jwk = { ...(await exportJWK(privateKey)), alg: algorithm }
    const { form } = await sent({ clientAuthentication: privateKeyJwt(jwk) })
    expect(decodeProtectedHeader(form['client_assertion'] ?? '').alg).toBe(algorithm)
  })

  test('a key that is none, or that cannot sign, is CONFIG_INVALID, and the key is not told', async () => {
    const { publicKey } = await generateKeyPair('ES256')
    const keys = [{}, { kty: 'EC', crv: 'P-256', d: 'planted' }, await exportJWK(publicKey), { key: publicKey }]
    for (const key of keys) {
      const error = await thrown(sent({ clientAuthentication: privateKeyJwt(key) }))
      expect(error.code).toBe('CONFIG_INVALID')
      expect(`${error.stack}`).not.toContain('planted')
    }
    expect(issuer.received('/token')).toEqual([])
  })

  test('what an assertion callback throws is what the caller gets; no text is CONFIG_INVALID', async () => {
    const broken = clientAssertion(() => {
      throw new RangeError('no file')
    })
    await expect(sent({ clientAuthentication: broken })).rejects.toThrow(new RangeError('no file'))
    const empty = clientAssertion(async () => '')
    expect(await thrown(sent({ clientAuthentication: empty }))).toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
