import { channel } from 'node:diagnostics_channel'
import { bearer, type DiagnosticsChannel, memoryStore, session } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { countingSource, protectedApi, provider } from '@latchkey/testkit'
import { expect, onTestFinished, test } from 'vitest'

const names: readonly DiagnosticsChannel[] = [
  'latchkey:token-requested',
  'latchkey:token-renewed',
  'latchkey:token-failed',
  'latchkey:token-refused',
  'latchkey:request-replayed',
  'latchkey:left-origins',
]

/** Everything published from now on. */
function listened(): [string, unknown][] {
  const heard: [string, unknown][] = []
  for (const name of names) {
    const hear = (message: unknown): void => void heard.push([name, message])
    channel(name).subscribe(hear)
    onTestFinished(() => {
      channel(name).unsubscribe(hear)
    })
  }
  return heard
}

test('a renewal that a refusal forced tells all of it, without a secret', async () => {
  const issuer = await provider({ accessTokenTtl: 3600 })
  const api = await protectedApi({ verify: (token) => issuer.verify(token) })
  onTestFinished(async () => {
    await Promise.all([issuer.close(), api.close()])
  })
  const { refreshToken } = await issuer.issue()
  const store = memoryStore()
  const key = { issuer: issuer.issuer, clientId: 'script' }
  await store.update(key, async () => ({ refreshToken, tokens: {} }))
  const login = session({ ...key, store })
  const { accessToken } = await login.getToken()
  issuer.withdraw(accessToken)
  const heard = listened()
  expect((await withAuth(bearer(login, api.origin))(`${api.origin}/jobs`)).status).toBe(200)
  const refused = { origin: api.origin, method: 'GET', status: 401, reason: 'token' }
  expect(heard).toEqual([
    ['latchkey:token-refused', refused],
    ['latchkey:token-requested', { ...key, forced: true }],
    ['latchkey:token-renewed', { ...key, expiresAt: expect.any(Number), durationMs: expect.any(Number) }],
    ['latchkey:request-replayed', refused],
  ])
  const renewed = await login.getToken()
  for (const secret of [refreshToken, accessToken, renewed.accessToken]) {
    expect(JSON.stringify(heard)).not.toContain(secret)
  }
})

test('a renewal that fails says how', async () => {
  const store = memoryStore()
  const issuer = await provider()
  const key = { issuer: issuer.issuer, clientId: 'script' }
  await store.update(key, async () => ({ refreshToken: 'nobody-knows-it', tokens: {} }))
  const heard = listened()
  await expect(session({ ...key, store }).getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  await issuer.close()
  expect(heard).toEqual([
    ['latchkey:token-requested', { ...key, forced: false }],
    ['latchkey:token-failed', { ...key, code: 'LOGIN_REQUIRED', durationMs: expect.any(Number) }],
  ])
})

test('a redirect that leaves the allowed origins tells where it went and at which hop', async () => {
  const source = countingSource()
  const verify = (token: string): boolean => token === source.current
  const [here, there] = [await protectedApi({ verify }), await protectedApi({ verify })]
  onTestFinished(async () => {
    await Promise.all([here.close(), there.close()])
  })
  const heard = listened()
  const away = encodeURIComponent(`${there.origin}/away`)
  await withAuth(bearer(source, here.origin))(`${here.origin}/redirect/302?to=${away}`)
  expect(heard).toEqual([['latchkey:left-origins', { origin: there.origin, hop: 1 }]])
})
