import type { Login } from '@latchkey/core'
import { expect } from 'vitest'
import { allOf, type Check, key, login, start, token } from './ground.ts'

/** What is stored, and how it is found again. */
export function keeping(check: Check): void {
  check('an unknown login is undefined', async (store) => {
    expect(await store.get(key)).toBeUndefined()
  })
  check('what a change returns is what get gives, and what update resolves with', async (store) => {
    const stored: Login = {
      ...login('rt-1', 'at-1'),
      scope: 'openid offline_access',
      subject: 'someone',
      dpopKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' },
      failed: { at: start, code: 'NETWORK', variant: '', retryAt: start + 5 },
      refused: { at: start, code: 'invalid_grant', times: 2 },
    }
    const given = await store.update(key, async () => stored)
    expect(given).toMatchObject({ ...stored, tokens: { '': { accessToken: 'at-1', expiresAt: start + 300_000 } } })
    expect(await store.get(key)).toEqual(given)
  })
  check('another instance on the same place sees it', async (store, clock, place) => {
    await store.update(key, async () => login('rt-1', 'at-1'))
    expect((await place.open({ clock }).get(key))?.tokens['']?.accessToken).toBe('at-1')
  })
  check('tokens are frozen and do not print themselves', async (store) => {
    await store.update(key, async () => login('rt-1', 'secret-token'))
    const stored = (await store.get(key))?.tokens['']
    expect(Object.isFrozen(stored)).toBe(true)
    expect(JSON.stringify(stored)).not.toContain('secret-token')
  })
  check('undefined removes the login with everything kept for it', async (store) => {
    await store.update(key, async () => login('rt-1', 'at-1'))
    expect(await store.update(key, async () => undefined)).toBeUndefined()
    expect(await store.get(key)).toBeUndefined()
    await store.update(key, async () => login('rt-1'))
    expect((await store.get(key))?.tokens).toEqual({})
  })
  check('an access token that no header can carry is not kept, the login beside it is', async (store) => {
    const tokens = { bad: token('line\nbreak'), good: token('at-1') }
    const stored = await store.update(key, async () => ({ refreshToken: 'rt-1', tokens }))
    expect([stored?.refreshToken, Object.keys(stored?.tokens ?? {})]).toEqual(['rt-1', ['good']])
  })
  check('a machine login lives without a refresh token', async (store) => {
    await store.update(key, async () => ({ tokens: { '': token('at-1') } }))
    expect(await store.get(key)).toMatchObject({ tokens: { '': { accessToken: 'at-1' } } })
  })
  check('a new refresh token takes only what came with it', async (store) => {
    await store.update(key, async () => ({ ...login('rt-1', 'at-1'), subject: 'first' }))
    await store.update(key, async () => login('rt-2'))
    expect(await store.get(key)).toEqual({ refreshToken: 'rt-2', tokens: {} })
  })
  check('a change that gives its argument back, or throws, changes nothing', async (store) => {
    const before = await store.update(key, async () => login('rt-1', 'at-1'))
    expect(await store.update(key, async (current) => current)).toEqual(before)
    await expect(store.update(key, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await store.get(key)).toEqual(before)
  })
}

/** What is told apart by its name. */
export function naming(check: Check): void {
  check('slashes at the end of an issuer make no difference', async (store) => {
    await store.update({ ...key, issuer: `${key.issuer}//` }, async () => login('rt-1'))
    expect((await store.get(key))?.refreshToken).toBe('rt-1')
  })
  check('accounts, clients and issuers are kept apart', async (store) => {
    const keys = [
      key,
      { ...key, account: 'work' },
      { ...key, clientId: 'other' },
      { ...key, issuer: 'https://other.example' },
    ]
    for (const [index, each] of keys.entries())
      await store.update(each, async () => login(`rt-${index}`, `at-${index}`))
    for (const [index, each] of keys.entries()) {
      expect(await store.get(each)).toMatchObject({
        refreshToken: `rt-${index}`,
        tokens: { '': { accessToken: `at-${index}` } },
      })
    }
  })
  check('keys lists every login once: default, named, and one without a refresh token', async (store) => {
    const machine = { ...key, clientId: 'a-machine' }
    const named = { ...key, account: 'work' }
    for (const each of [key, named]) await store.update(each, async () => login('rt'))
    await store.update(machine, async () => ({ tokens: { '': token('at') } }))
    await store.update({ ...key, clientId: 'gone' }, async () => login('rt'))
    await store.update({ ...key, clientId: 'gone' }, async () => undefined)
    const seen = await allOf(store.keys())
    expect(seen).toHaveLength(3)
    expect(seen).toEqual(expect.arrayContaining([key, named, machine]))
  })
  check('names that are special to JavaScript are names like any other', async (store) => {
    const names = ['__proto__', 'constructor', 'toString', '10', '2', 'client-é', 'a b"\\\n', '']
    for (const name of names) expect(await store.get({ ...key, clientId: name })).toBeUndefined()
    for (const name of names)
      await store.update({ ...key, clientId: name, issuer: `i${name}` }, async () => login(`rt${name}`))
    for (const name of names) {
      expect((await store.get({ ...key, clientId: name, issuer: `i${name}` }))?.refreshToken).toBe(`rt${name}`)
    }
  })
}
