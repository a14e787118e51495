import { type AuthorizationCodeOptions, authorizationCode, client, dpopKey, privateKeyJwt } from '@latchkey/core'
import { expect, test } from 'vitest'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('the code flow', (at) => {
  const failed = 'The login at http://KEYCLOAK/realms/latchkey failed'
  // Registered without the port.
  const redirectUri = 'http://127.0.0.1:12345/callback'
  const logIn = (clientId: string, options: Partial<AuthorizationCodeOptions> = {}, clientSecret?: string) =>
    authorizationCode(client({ issuer: at.issuer, clientId, clientSecret, scope: 'openid offline_access' }), {
      redirectUri,
      receive: async ({ url }) => (await at.signIn(url)).url,
      ...options,
    })

  test('brings the tokens of the person who signed in at its pages, on a port of any number', async () => {
    const set = await logIn('browser')()
    expect(set.idTokenClaims).toMatchObject({ iss: at.issuer, aud: 'browser', preferred_username: 'marie' })
    expect(claimsOf(set.refreshToken)).toMatchObject({ typ: 'Offline' })
  })

  test('of a confidential client, too', async () => {
    const set = await logIn('secret', {}, at.clientSecret)()
    expect(set.idTokenClaims).toMatchObject({ aud: 'secret' })
  })

  test('pushes its request where the client must, and where it is asked to', async () => {
    const urls: string[] = []
    const receive: AuthorizationCodeOptions['receive'] = async ({ url }) => {
      urls.push(url)
      return (await at.signIn(url)).url
    }
    const set = await logIn('browser-par', { receive, par: true })()
    expect(set.idTokenClaims).toMatchObject({ aud: 'browser-par' })
    expect([...new URL(urls[0] ?? '').searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri'])
  })

  test('that does not push its request though the client must, is told so', async () => {
    expect(await told(logIn('browser-par')())).toBe(
      `CONFIG_INVALID: ${failed}: invalid_request: Pushed Authorization Request is only allowed. Check the client id, its secret, the scope and the grants it is registered for.`,
    )
  })

  test('with a DPoP key brings bound tokens', async () => {
    const set = await logIn('dpop')({ dpopKey: await dpopKey() })
    expect(set.token.tokenType).toBe('DPoP')
  })

  test('without the DPoP key that the client must have is told so', async () => {
    expect(await told(logIn('dpop')())).toBe(
      'CONFIG_INVALID: The authorization code grant failed at KEYCLOAK with 400: invalid_request: DPoP proof is missing. Tokens of this client must be bound to a key (DPoP).',
    )
  })

  test('by form_post takes what its page posts', async () => {
    const receive: AuthorizationCodeOptions['receive'] = async ({ url }) => {
      const back = await at.signIn(url)
      expect(back.url).toBe(redirectUri)
      return new URLSearchParams(back.form)
    }
    const set = await logIn('browser', { responseMode: 'form_post', receive })()
    expect(set.idTokenClaims).toMatchObject({ aud: 'browser' })
  })

  test('of a client whose requests must be signed is signed with its key', async () => {
    const { d: _, ...publicKey } = at.privateKey
    const clientId = await at.client({
      publicClient: false,
      clientAuthenticatorType: 'client-jwt',
      standardFlowEnabled: true,
      redirectUris: ['http://127.0.0.1/callback'],
      attributes: {
        'use.jwks.string': 'true',
        'jwks.string': JSON.stringify({ keys: [publicKey] }),
        'request.object.required': 'request only',
        'request.object.signature.alg': 'ES256',
      },
    })
    const clientAuthentication = privateKeyJwt(at.privateKey)
    const made = client({ issuer: at.issuer, clientId, clientAuthentication, scope: 'openid' })
    const receive: AuthorizationCodeOptions['receive'] = async ({ url }) => (await at.signIn(url)).url
    const set = await authorizationCode(made, { redirectUri, receive, requestKey: at.privateKey })()
    expect(set.idTokenClaims).toMatchObject({ aud: clientId })
  })

  test('with maxAge is checked for when the person authenticated', async () => {
    const set = await logIn('browser', { maxAge: 300 })()
    expect(set.idTokenClaims?.['auth_time']).toBeGreaterThan(Date.now() / 1000 - 60)
  })

  test('asks for a stronger login when an API does', async () => {
    const set = await logIn('browser')({ stepUp: { acrValues: '1', maxAge: 60 } })
    expect(set.idTokenClaims).toMatchObject({ acr: '1', auth_time: expect.any(Number) })
  })

  test('where nobody may be asked and nobody is signed in is LOGIN_REQUIRED', async () => {
    expect(await told(logIn('browser', { prompt: 'none' })())).toBe(
      `LOGIN_REQUIRED: ${failed}: login_required. Log in again.`,
    )
  })

  test('refused at the question for consent is LOGIN_DENIED', async () => {
    const { username } = await at.user()
    const receive: AuthorizationCodeOptions['receive'] = async ({ url }) =>
      (await at.signIn(url, { username, deny: true })).url
    expect(await told(logIn('consenting', { receive })())).toBe(
      `LOGIN_DENIED: ${failed}: access_denied. Start the login again if that was not meant.`,
    )
  })
})
