import { bearer, deviceCode, dpop, loginKey, memoryStore, revoke, session } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { expect, test } from 'vitest'
import { claimsOf, counting, onKeycloak } from './real-keycloak.ts'

onKeycloak('an API behind it, which is its own userinfo,', (at) => {
  const address = (): string => `${at.issuer}/protocol/openid-connect/userinfo`
  const heard = async (answer: Response): Promise<unknown> => ({
    status: answer.status,
    ...((await answer.json()) as object),
  })

  test('is called with a token that was revoked meanwhile, and nobody notices', async () => {
    const { username } = await at.user()
    const { refreshToken } = await at.issue({ username })
    const store = memoryStore()
    const key = loginKey({ issuer: at.issuer, clientId: 'script' })
    await store.update(key, async () => ({ refreshToken, tokens: {} }))
    const { fetch, sent } = counting()
    const login = session({ issuer: at.issuer, clientId: 'script', store, fetch })
    const call = withAuth(bearer(login, at.origin))
    expect(await heard(await call(address()))).toMatchObject({ status: 200, preferred_username: username })
    const { accessToken } = await login.getToken()
    expect(await revoke(login.client, accessToken, { hint: 'access_token' })).toBe(true)
    const answers = await Promise.all(Array.from({ length: 8 }, async () => heard(await call(address()))))
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, preferred_username: username })
    expect(sent('/token')).toBe(2)
  })

  test('is called with a token that is bound to a key, by its proof', async () => {
    const { username } = await at.user()
    const login = session({
      issuer: at.issuer,
      clientId: 'dpop',
      scope: 'openid offline_access profile',
      store: memoryStore(),
      dpop: true,
      login: (client) =>
        deviceCode(client, {
          prompt: ({ verificationUriComplete = '' }) => at.approve(verificationUriComplete, { username }),
        }),
    })
    const call = withAuth(dpop(login, at.origin))
    const answer = await heard(await call(address()))
    expect(answer).toMatchObject({ status: 200, preferred_username: username })
    const token = await login.getToken()
    expect(claimsOf(token.accessToken)).toHaveProperty('cnf.jkt')
    expect(await revoke(login.client, token.accessToken, { hint: 'access_token' })).toBe(true)
    expect(await heard(await call(address()))).toMatchObject({ status: 200, preferred_username: username })
  })
})
