import { type CibaOptions, ciba, client, refreshToken } from '@latchkey/core'
import { expect, test } from 'vitest'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('a login on a person’s phone', (at) => {
  const made = () =>
    client({ issuer: at.issuer, clientId: 'secret', clientSecret: at.clientSecret, scope: 'openid offline_access' })
  const ask = (options: CibaOptions) => ciba(made(), options)

  test.skipIf(!at.phones)('who agrees there brings their tokens, which are renewed like any others', async () => {
    const { username } = await at.user()
    const shown: unknown[] = []
    const set = await ask({ loginHint: username, bindingMessage: 'W4SCT', prompt: (one) => void shown.push(one) })()
    expect(set.idTokenClaims).toMatchObject({ aud: 'secret', preferred_username: username })
    expect(shown).toEqual([{ bindingMessage: 'W4SCT', expiresAt: expect.any(Number) }])
    const again = await refreshToken(made(), set.refreshToken ?? '')()
    expect(claimsOf(again.token.accessToken)).toMatchObject({ preferred_username: username })
  })

  test.skipIf(!at.phones)('who refuses there is LOGIN_DENIED', async () => {
    for (const bindingMessage of ['no', 'stranger']) {
      expect(await told(ask({ loginHint: 'marie', bindingMessage })())).toBe(
        'LOGIN_DENIED: The ciba grant failed at KEYCLOAK with 400: access_denied: not authorized. Start the login again if that was not meant.',
      )
    }
  })

  test('needs a person that there is', async () => {
    expect(await told(ask({ loginHint: 'nobody' })())).toBe(
      'CONFIG_INVALID: The login on another device failed at KEYCLOAK with 400: invalid_request: invalid user. Check the client id, its secret, the scope and the grants it is registered for.',
    )
  })
})
