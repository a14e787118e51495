import { bearer, memoryStore, session } from '@latchkey/core'
import { protectedApi, provider } from '@latchkey/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { withAuth } from '../src/index.ts'

test('calls go on while access tokens end and refresh tokens rotate', async () => {
  const issuer = await provider({ accessTokenTtl: 1 })
  const api = await protectedApi({ verify: issuer.verify })
  onTestFinished(async () => void (await Promise.all([issuer.close(), api.close()])))
  const { refreshToken } = await issuer.issue()
  const store = memoryStore()
  const key = { issuer: issuer.issuer, clientId: 'script' }
  await store.update(key, async () => ({ refreshToken, tokens: {} }))
  const fetch = withAuth(bearer(session({ ...key, store }), api.origin))

  const started = performance.now()
  const statuses: number[] = []
  while (performance.now() - started < 2500) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => fetch(`${api.origin}/x`)))
    statuses.push(...answers.map(({ status }) => status))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(statuses.filter((status) => status !== 200)).toEqual([])
  expect(issuer.stats.refreshes).toBeGreaterThanOrEqual(3)
  expect(issuer.stats.refreshes).toBeLessThanOrEqual((performance.now() - started) / 900 + 2)
  expect(issuer.stats).toMatchObject({ refusals: {}, revokedGrants: 0, serverErrors: [] })
})
