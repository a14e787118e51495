import { bearer, memoryStore, session } from '@latchkey/core'
import { protectedApi, provider } from '@latchkey/testkit'
import { request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { dispatcherWith } from './clients.ts'

test('calls go on while access tokens end and refresh tokens rotate', async () => {
  const issuer = await provider({ accessTokenTtl: 1 })
  const api = await protectedApi({ verify: issuer.verify })
  onTestFinished(async () => void (await Promise.all([issuer.close(), api.close()])))
  const { refreshToken } = await issuer.issue()
  const store = memoryStore()
  const key = { issuer: issuer.issuer, clientId: 'script' }
  await store.update(key, async () => ({ refreshToken, tokens: {} }))
  const dispatcher = dispatcherWith(bearer(session({ ...key, store }), api.origin))

  const started = performance.now()
  const codes: number[] = []
  while (performance.now() - started < 2500) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => request(`${api.origin}/x`, { dispatcher })))
    for (const { statusCode, body } of answers) codes.push(statusCode, (await body.text()).length > 0 ? 0 : 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(codes.filter((code) => code !== 200 && code !== 0)).toEqual([])
  expect(issuer.stats.refreshes).toBeGreaterThanOrEqual(3)
  expect(issuer.stats).toMatchObject({ refusals: {}, revokedGrants: 0, serverErrors: [] })
})
