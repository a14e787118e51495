import {
  type AuthorizationCodeOptions,
  type AuthorizationPrompt,
  authorizationCode,
  client,
  dpopKey,
  memoryStore,
  privateKeyJwt,
  refreshToken,
  session,
} from '@latchkey/core'
import { type Provider, type ProviderOptions, provider } from '@latchkey/testkit'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

const scope = 'openid offline_access read'
const redirectUri = 'http://127.0.0.1:12345/callback'
const api = 'https://api.example.org/'

/** A person at the provider's pages, whose browser brings back an address. */
const person =
  (at: Provider, how: { readonly login?: string; readonly deny?: boolean } = {}) =>
  async ({ url }: AuthorizationPrompt): Promise<string> =>
    (await at.signIn(url, how)).url

describe('a login by authorization code at an OpenID provider', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider({ resources: { [api]: 'read write' } })
  })
  afterAll(() => at.close())

  const logIn = (options: Partial<AuthorizationCodeOptions> = {}, how: Parameters<typeof person>[1] = {}) =>
    authorizationCode(client({ issuer: at.issuer, clientId: 'browser', scope }), {
      redirectUri,
      receive: person(at, how),
      ...options,
    })

  test('brings the tokens of the person who signed in, and a refresh token that works', async () => {
    const set = await logIn({}, { login: 'pierre' })()
    expect(at.verify(set.token.accessToken)).toMatchObject({ clientId: 'browser', login: 'pierre', scope })
    expect(set).toMatchObject({ scope, idTokenClaims: { sub: 'pierre', nonce: expect.stringMatching(/^[\w-]{43}$/) } })
    const again = await refreshToken(client({ issuer: at.issuer, clientId: 'browser' }), set.refreshToken ?? '')()
    expect(at.verify(again.token.accessToken)).toMatchObject({ login: 'pierre' })
  })

  test('by form_post takes what the browser posts', async () => {
    let shown: AuthorizationPrompt | undefined
    const receive = async (prompt: AuthorizationPrompt): Promise<URLSearchParams> => {
      shown = prompt
      const back = await at.signIn(prompt.url)
      expect(back.url).toBe(redirectUri)
      return new URLSearchParams(back.form)
    }
    const set = await logIn({ receive, responseMode: 'form_post' })()
    expect(at.verify(set.token.accessToken)).toMatchObject({ login: 'marie' })
    expect(shown).toMatchObject({ responseMode: 'form_post', redirectUri })
  })

  test('that the person refuses is LOGIN_DENIED', async () => {
    const error = await thrown(logIn({}, { deny: true })())
    expect(error.code).toBe('LOGIN_DENIED')
    expect(error.message).toBe(
      `The login at ${at.issuer} failed: access_denied: The person refused. Start the login again if that was not meant.`,
    )
  })

  test('where nobody may be asked and nobody is signed in is LOGIN_REQUIRED', async () => {
    expect(await thrown(logIn({ prompt: 'none' })())).toMatchObject({ code: 'LOGIN_REQUIRED' })
  })

  test('for a resource brings a token for that one', async () => {
    const set = await logIn({ scope: 'openid read', resource: api })()
    expect(at.verify(set.token.accessToken)).toMatchObject({ audience: api, scope: 'read' })
  })

  test('with maxAge is checked for when the person authenticated', async () => {
    const set = await logIn({ maxAge: 300 })()
    expect(set.idTokenClaims?.['auth_time']).toBeGreaterThan(Date.now() / 1000 - 60)
  })

  test('binds its code and its tokens to a key', async () => {
    const key = await dpopKey()
    let asked: string | null = null
    const receive = async (prompt: AuthorizationPrompt): Promise<string> => {
      asked = new URL(prompt.url).searchParams.get('dpop_jkt')
      return person(at)(prompt)
    }
    const set = await logIn({ receive })({ dpopKey: key })
    expect(set.token.tokenType).toBe('DPoP')
    expect(at.verify(set.token.accessToken)?.jkt).toBe(asked)
  })

  test('is what a session runs when there is no login', async () => {
    const source = session({
      issuer: at.issuer,
      clientId: 'browser',
      scope,
      store: memoryStore(),
      login: (made) => authorizationCode(made, { redirectUri, receive: person(at, { login: 'ada' }) }),
    })
    expect(at.verify((await source.getToken()).accessToken)).toMatchObject({ login: 'ada' })
  })

  test('pushes its request first where it is told to (RFC 9126)', async () => {
    let url = ''
    const receive = async (prompt: AuthorizationPrompt): Promise<string> => {
      url = prompt.url
      return person(at)(prompt)
    }
    await logIn({ receive, par: true })()
    expect([...new URL(url).searchParams.keys()]).toEqual(['client_id', 'request_uri'])
  })
})

describe('an OpenID provider that takes', () => {
  const started = async (options: ProviderOptions): Promise<Provider> => {
    const at = await provider(options)
    onTestFinished(() => at.close())
    return at
  }

  /** A confidential client that logs people in. */
  const web = (more: object) => ({
    client_id: 'web',
    grant_types: ['authorization_code'],
    response_types: ['code' as const],
    redirect_uris: ['https://app.example.org/callback'],
    ...more,
  })
  const keyed = async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    return { privateKey, jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] } }
  }
  const options = (at: Provider) => ({ redirectUri: 'https://app.example.org/callback', receive: person(at) })

  test('pushed requests alone gets them, from a client that proves who it is', async () => {
    const client_secret = 'a secret'
    const at = await started({ pushedRequests: true, clients: [web({ client_secret })] })
    const made = client({ issuer: at.issuer, clientId: 'web', clientSecret: client_secret, scope: 'openid' })
    const set = await authorizationCode(made, options(at))()
    expect(at.verify(set.token.accessToken)).toMatchObject({ clientId: 'web', login: 'marie' })
    expect(at.stats.requests).toMatchObject({ 'POST /request': 1 })
    const wrong = client({ issuer: at.issuer, clientId: 'web', clientSecret: 'wrong' })
    const error = await thrown(authorizationCode(wrong, options(at))())
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(/^The request for a login failed at 127\.0\.0\.1:\d+ with 401: invalid_client/)
  })

  test.each([true, false])('signed requests alone gets them, pushed: %s', async (par) => {
    const { privateKey, jwks } = await keyed()
    const metadata = web({ token_endpoint_auth_method: 'private_key_jwt', jwks })
    const at = await started({ signedRequests: true, clients: [metadata] })
    const clientAuthentication = privateKeyJwt({ key: privateKey, kid: 'k' })
    const made = client({ issuer: at.issuer, clientId: 'web', clientAuthentication, scope: 'openid' })
    let url = ''
    const receive = async (prompt: AuthorizationPrompt): Promise<string> => {
      url = prompt.url
      return person(at)(prompt)
    }
    const set = await authorizationCode(made, { ...options(at), receive, par })()
    expect(at.verify(set.token.accessToken)).toMatchObject({ clientId: 'web' })
    expect([...new URL(url).searchParams.keys()]).toEqual(['client_id', par ? 'request_uri' : 'request'])
  })

  test('signed requests gets each of several audiences and resources in them', async () => {
    const { privateKey, jwks } = await keyed()
    const at = await started({ clients: [web({ token_endpoint_auth_method: 'none', jwks })] })
    const made = client({ issuer: at.issuer, clientId: 'web', scope: 'openid' })
    const asked: unknown[] = []
    const receive = async (prompt: AuthorizationPrompt): Promise<string> => {
      asked.push(decodeJwt(new URL(prompt.url).searchParams.get('request') ?? ''))
      return ''
    }
    const several = { audience: ['a', 'b'], resource: ['https://r.example/', 'https://s.example/'] }
    await thrown(authorizationCode(made, { ...options(at), ...several, receive, requestKey: { key: privateKey } })())
    expect(asked).toEqual([expect.objectContaining({ ...several, iss: 'web', aud: at.issuer, response_type: 'code' })])
  })

  test('resources gives them JWTs where it is set to', async () => {
    const at = await started({ resources: { [api]: 'read' }, jwtAccessTokens: true })
    const made = client({ issuer: at.issuer, clientId: 'browser', scope: 'openid read' })
    const set = await authorizationCode(made, { redirectUri, resource: api, receive: person(at) })()
    expect(decodeJwt(set.token.accessToken)).toMatchObject({ aud: api, iss: at.issuer, scope: 'read' })
  })

  test.each(['/callback', 'https://app.example.org/#there', ''])(
    'whatever it wants, no answer is awaited at %j',
    async (unfit) => {
      const made = client({ issuer: 'https://iam.example.org', clientId: 'c' })
      const options = { redirectUri: unfit, receive: async () => '' }
      expect(() => authorizationCode(made, options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    },
  )

  test('signed requests alone is not asked by a client without a key', async () => {
    const at = await started({ signedRequests: true })
    const receive = (): never => expect.unreachable('nobody is sent there')
    const error = await thrown(
      authorizationCode(client({ issuer: at.issuer, clientId: 'browser' }), { redirectUri, receive })(),
    )
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain('wants the request for a login signed')
  })
})
