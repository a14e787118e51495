import {
  cached,
  ciba,
  client,
  jwtBearer,
  refreshToken,
  staticToken,
  type TokenExchangeOptions,
  tokenExchange,
} from '@latchkey/core'
import { expect, test } from 'vitest'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('standard token exchange', (at) => {
  const swap = (options: Partial<TokenExchangeOptions> & Pick<TokenExchangeOptions, 'subjectToken'>, id = 'exchange') =>
    tokenExchange(client({ issuer: at.issuer, clientId: id, clientSecret: at.clientSecret }), options)

  test('gives a service a token of the person’s for another audience', async () => {
    const { username } = await at.user()
    const { accessToken } = await at.issue({ username, scope: 'openid' })
    const set = await swap({ subjectToken: accessToken, audience: 'api' })()
    expect(claimsOf(set.token.accessToken)).toMatchObject({ aud: 'api', azp: 'exchange', preferred_username: username })
    expect(set).not.toHaveProperty('refreshToken')
  })

  test('asks its source for the subject token at each exchange, and keeps what came', async () => {
    const { accessToken } = await at.issue({ scope: 'openid' })
    const source = cached(swap({ subjectToken: staticToken(accessToken), audience: 'api', scope: 'email' }))
    const token = await source.getToken()
    await expect(source.getToken()).resolves.toBe(token)
    expect((await source.getToken({ rejected: token })).accessToken).not.toBe(token.accessToken)
  })

  test('gives a refresh token where the client may have one', async () => {
    const { accessToken } = await at.issue({ scope: 'openid' })
    const set = await swap({ subjectToken: accessToken, requestedTokenType: 'refresh_token' })()
    const made = client({ issuer: at.issuer, clientId: 'exchange', clientSecret: at.clientSecret })
    const again = await refreshToken(made, set.refreshToken ?? '')()
    expect(claimsOf(again.token.accessToken)).toMatchObject({ azp: 'exchange' })
  })

  test('for an ID token, which is no access token, is UNSUPPORTED', async () => {
    const { accessToken } = await at.issue({ scope: 'openid' })
    expect(await told(swap({ subjectToken: accessToken, requestedTokenType: 'id_token', scope: 'openid' })())).toBe(
      'UNSUPPORTED: http://KEYCLOAK/realms/latchkey gives a token that no API takes as an access token (N_A, RFC 8693 section 2.2.1). Ask for another kind.',
    )
  })

  test('of a token whose session was ended is LOGIN_REQUIRED', async () => {
    const { username, id } = await at.user()
    const { accessToken } = await at.issue({ username, scope: 'openid' })
    await at.admin('POST', `/users/${id}/logout`)
    expect(await told(swap({ subjectToken: accessToken, audience: 'api' })())).toBe(
      'LOGIN_REQUIRED: The token exchange grant failed at KEYCLOAK with 400: invalid_request: Invalid token. Log in again.',
    )
  })

  const refused: readonly [string, string, Partial<TokenExchangeOptions>, { from?: string; by?: string }][] = [
    ['for an audience that there is not', '400: invalid_client: Audience not found', { audience: 'nobody' }, {}],
    [
      'for an audience that the client may not ask for',
      '400: invalid_request: Requested audience not available: key-jwt',
      { audience: 'key-jwt' },
      {},
    ],
    [
      'for a kind that Keycloak does not make',
      '400: invalid_request: requested_token_type unsupported',
      { requestedTokenType: 'saml2' },
      {},
    ],
    [
      'of a token that was not meant for the client',
      '403: access_denied: Client is not within the token audience',
      { audience: 'api' },
      { from: 'script-pkce' },
    ],
    [
      'by a client that may not',
      '400: invalid_request: Standard token exchange is not enabled for the requested client',
      { audience: 'api' },
      { by: 'secret' },
    ],
  ]
  test.each(refused)('%s is CONFIG_INVALID', async (_, words, options, { from = 'script', by }) => {
    const { accessToken } = await at.issue({ clientId: from, scope: 'openid' })
    expect(await told(swap({ subjectToken: accessToken, ...options }, by)())).toBe(
      `CONFIG_INVALID: The token exchange grant failed at KEYCLOAK with ${words}. Check the client id, its secret, the scope and the grants it is registered for.`,
    )
  })

  test('is all: JWTs of others it does not take, and asks on another device for clients that may alone', async () => {
    const made = client({ issuer: at.issuer, clientId: 'exchange', clientSecret: at.clientSecret })
    expect(await told(jwtBearer(made, { assertion: 'header.payload.signature' })())).toMatch(
      /^CONFIG_INVALID: The jwt bearer grant failed at KEYCLOAK with 400: unsupported_grant_type: /,
    )
    expect(await told(ciba(made, { loginHint: 'marie' })())).toMatch(
      /^CONFIG_INVALID: .* failed at KEYCLOAK with 401: invalid_grant: Client not allowed OIDC CIBA Grant\. Check /,
    )
  })
})
