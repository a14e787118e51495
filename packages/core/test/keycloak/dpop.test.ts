import { client, deviceCode, dpopKey, loginKey, memoryStore, refreshToken, session } from '@latchkey/core'
import { expect, test } from 'vitest'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('tokens bound to a key', (at) => {
  const logIn = async () => {
    const store = memoryStore()
    const options = { issuer: at.issuer, clientId: 'dpop', scope: 'openid offline_access', store, dpop: true } as const
    const login = session({
      ...options,
      login: (made) =>
        deviceCode(made, { prompt: ({ verificationUriComplete = '' }) => at.approve(verificationUriComplete) }),
    })
    await login.login()
    return { login, store, options }
  }

  test('are renewed with the key that is kept with the login, the refresh token rotated', async () => {
    const { login, store, options } = await logIn()
    const token = await login.getToken()
    expect(token.tokenType).toBe('DPoP')
    const key = loginKey({ issuer: at.issuer, clientId: 'dpop' })
    const first = (await store.get(key))?.refreshToken
    // Another process, as it were.
    const renewed = await session(options).getToken({ rejected: token })
    expect(claimsOf(renewed.accessToken)['cnf']).toEqual(claimsOf(token.accessToken)['cnf'])
    expect((await store.get(key))?.refreshToken).not.toBe(first)
  })

  test('are not renewed with another key, nor without', async () => {
    const key = await dpopKey()
    const made = client({ issuer: at.issuer, clientId: 'dpop', scope: 'openid offline_access' })
    const prompt = ({ verificationUriComplete = '' }) => at.approve(verificationUriComplete)
    const set = await deviceCode(made, { prompt })({ dpopKey: key })
    const again = refreshToken(made, set.refreshToken ?? '')
    expect(await told(again({ dpopKey: await dpopKey() }))).toBe(
      "LOGIN_REQUIRED: The refresh token grant failed at KEYCLOAK with 400: invalid_grant: DPoP confirmation doesn't match DPoP proof. Log in again.",
    )
    expect(await told(again())).toBe(
      'CONFIG_INVALID: The refresh token grant failed at KEYCLOAK with 400: invalid_request: DPoP proof is missing. Tokens of this client must be bound to a key (DPoP).',
    )
    // Neither has spent it.
    await expect(again({ dpopKey: key })).resolves.toMatchObject({ token: { tokenType: 'DPoP' } })
  })

  test('a client that may do without gets a bound token when it shows a key', async () => {
    const prompt = ({ verificationUriComplete = '' }) => at.approve(verificationUriComplete)
    const made = client({ issuer: at.issuer, clientId: 'script', scope: 'openid' })
    const set = await deviceCode(made, { prompt })({ dpopKey: await dpopKey() })
    expect(set.token.tokenType).toBe('DPoP')
  })
})
