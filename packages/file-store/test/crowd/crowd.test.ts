import { readFileSync } from 'node:fs'
import { loginKey, session } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'
import { type Provider, provider, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { crowd, crowdSize, ownFile } from './crowd.ts'

const limit = 120_000

async function place(settings: Parameters<typeof provider>[0]): Promise<{ issuer: Provider; path: string }> {
  const issuer = await provider(settings)
  const { path, remove } = ownFile()
  onTestFinished(async () => {
    await issuer.close()
    remove()
  })
  return { issuer, path }
}

/** A login as a person's device flow leaves it, its access token ended long ago. */
async function loggedIn(issuer: Provider, path: string): Promise<void> {
  const { refreshToken } = await issuer.issue()
  const key = loginKey({ issuer: issuer.issuer, clientId: 'script' })
  await fileStore({ path }).update(key, async () => ({ refreshToken, tokens: {} }))
}

describe(`${crowdSize} processes with one rotating refresh token, whose reuse ends the login`, () => {
  const delays = [
    ['an issuer that answers at once', 0],
    ['an issuer that takes 3 s', 3_000],
  ] as const
  test.each(delays)(
    'are one refresh and all served by %s, and the login lives on',
    async (_, tokenDelay) => {
      const { issuer, path } = await place({ accessTokenTtl: 3600, tokenDelay })
      await loggedIn(issuer, path)
      const said = await crowd(crowdSize, [path, issuer.issuer])
      expect(said.filter(({ error }) => error !== undefined)).toEqual([])
      expect(new Set(said.map(({ token }) => token)).size).toBe(1)
      expect(said).toHaveLength(crowdSize)
      expect(issuer.stats.refreshes).toBe(1)
      const later = session({ issuer: issuer.issuer, clientId: 'script', store: fileStore({ path }) })
      const token = await later.getToken()
      await expect(later.getToken({ rejected: token })).resolves.toBeDefined()
      expect(issuer.stats.revokedGrants).toBe(0)
    },
    limit,
  )
})

test(
  '8 processes without a login prompt once, and all are served',
  async () => {
    const { issuer, path } = await place({ accessTokenTtl: 3600 })
    const said = await crowd(8, [path, issuer.issuer, 'prompts'], ({ prompt }) => {
      if (prompt !== undefined) void issuer.approve(prompt)
    })
    expect(said.filter(({ prompt }) => prompt !== undefined)).toHaveLength(1)
    expect(said.filter(({ error }) => error !== undefined)).toEqual([])
    expect(new Set(said.flatMap(({ token }) => token ?? [])).size).toBe(1)
    expect(JSON.parse(readFileSync(path, 'utf8'))[issuer.issuer].script.refresh_token).toEqual(expect.any(String))
  },
  limit,
)

test(
  '16 processes that wait for a dead issuer are at most 2 requests, and all fail with what it is',
  async () => {
    const dead = await scriptedIssuer([
      { request: 'POST /token', times: Number.POSITIVE_INFINITY, reply: { status: 503, delay: 2_000 } },
    ])
    const { path, remove } = ownFile()
    onTestFinished(async () => {
      await dead.close()
      remove()
    })
    const key = loginKey({ issuer: dead.issuer, clientId: 'script' })
    await fileStore({ path }).update(key, async () => ({ refreshToken: 'RT1', tokens: {} }))
    const said = await crowd(16, [path, dead.issuer])
    expect(new Set(said.map(({ error }) => error))).toEqual(new Set(['SERVER_ERROR']))
    expect(dead.received('/token').length).toBeLessThanOrEqual(2)
  },
  limit,
)
