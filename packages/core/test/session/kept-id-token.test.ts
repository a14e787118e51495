import { inspect } from 'node:util'
import { client, memoryStore, refreshToken, session } from '@latchkey/core'
import { type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let issuer: Provider
beforeAll(async () => {
  issuer = await provider({ accessTokenTtl: 60 })
})
afterAll(() => issuer.close())

const isJwt = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/

describe('the ID token of an answer', () => {
  test('is given with it, and shown by nothing that prints', async () => {
    const { refreshToken: stored } = await issuer.issue()
    const set = await refreshToken(client({ issuer: issuer.issuer, clientId: 'script' }), stored)()
    expect(set.idToken).toMatch(isJwt)
    for (const text of [inspect(set, { showHidden: true, depth: 9 }), JSON.stringify(set)]) {
      expect(text).not.toContain(set.idToken)
    }
  })

  test('is kept with the login’s own access token, not with a narrower one, and redacted there', async () => {
    const store = memoryStore()
    const key = { issuer: issuer.issuer, clientId: 'script' }
    const { refreshToken: stored } = await issuer.issue()
    await store.update(key, async () => ({ refreshToken: stored, tokens: {} }))
    const login = session({ ...key, store })
    await login.getToken()
    await login.narrow({ scope: 'openid read' }).getToken()
    const tokens = (await store.get(key))?.tokens ?? {}
    const { '': own, ...narrow } = tokens
    expect(own?.idToken).toMatch(isJwt)
    expect(Object.values(narrow).map(({ idToken }) => idToken)).toEqual([undefined])
    for (const text of [inspect(tokens, { depth: 9 }), JSON.stringify(tokens)]) expect(text).not.toContain(own?.idToken)
  })
})
