import {
  type ClientAuthentication,
  cached,
  client,
  clientCredentials,
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  privateKeyJwt,
} from '@latchkey/core'
import { expect, test } from 'vitest'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('client credentials', (at) => {
  const made = (clientId: string, clientAuthentication?: ClientAuthentication) =>
    client({ issuer: at.issuer, clientId, clientAuthentication })

  test.each<[string, string, () => ClientAuthentication]>([
    ['its secret by HTTP Basic', 'secret', () => clientSecretBasic(at.clientSecret)],
    ['its secret in the form', 'secret', () => clientSecretPost(at.clientSecret)],
    ['a JWT signed with its secret', 'secret-jwt', () => clientSecretJwt(at.clientSecret)],
    ['a JWT signed with its private key', 'key-jwt', () => privateKeyJwt(at.privateKey)],
  ])('are given to a client that shows %s', async (_, clientId, authentication) => {
    const set = await clientCredentials(made(clientId, authentication()))()
    expect(claimsOf(set.token.accessToken)).toMatchObject({ azp: clientId, iss: at.issuer })
    expect(set).not.toHaveProperty('refreshToken')
  })

  const advice = 'Check the client id, its secret, the scope and the grants it is registered for.'

  test.each<[string, string, () => ClientAuthentication | undefined, string]>([
    [
      'a wrong secret',
      'secret',
      () => clientSecretBasic('wrong'),
      '401: unauthorized_client: Invalid client or Invalid client credentials',
    ],
    ['no secret', 'secret', () => undefined, '401: unauthorized_client: Invalid client or Invalid client credentials'],
    [
      'a secret where a JWT is wanted',
      'key-jwt',
      () => clientSecretBasic(at.clientSecret),
      '400: invalid_client: Parameter client_assertion_type is missing',
    ],
    [
      'an unknown id',
      'nobody',
      () => clientSecretBasic(at.clientSecret),
      '401: invalid_client: Invalid client or Invalid client credentials',
    ],
    [
      'the id of a public client',
      'script',
      () => undefined,
      '401: unauthorized_client: Public client not allowed to retrieve service account',
    ],
    [
      'a client without a service account',
      'api',
      () => clientSecretBasic(at.clientSecret),
      '401: unauthorized_client: Client not enabled to retrieve service account',
    ],
  ])('are refused to %s as CONFIG_INVALID', async (_, clientId, authentication, words) => {
    expect(await told(clientCredentials(made(clientId, authentication()))())).toBe(
      `CONFIG_INVALID: The client credentials grant failed at KEYCLOAK with ${words}. ${advice}`,
    )
  })

  test('for a scope that does not exist are CONFIG_INVALID', async () => {
    const asked = clientCredentials(made('secret', clientSecretBasic(at.clientSecret)), { scope: 'unheard-of' })
    expect(await told(asked())).toBe(
      `CONFIG_INVALID: The client credentials grant failed at KEYCLOAK with 400: invalid_scope: Invalid scopes: unheard-of. ${advice}`,
    )
  })

  test('kept in memory are asked for once', async () => {
    const source = cached(clientCredentials(made('secret', clientSecretBasic(at.clientSecret))))
    const [one, other] = await Promise.all([source.getToken(), source.getToken()])
    expect(one.accessToken).toBe(other.accessToken)
    expect((await source.getToken({ rejected: one })).accessToken).not.toBe(one.accessToken)
  })
})
