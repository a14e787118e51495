import type { Login, TokenStore } from '@latchkey/core'
import { expect } from 'vitest'
import { type Check, codeOf, gate, key, login, start, token } from './ground.ts'

/** One update a key at a time, and how to wait for it. */
export function locking(check: Check): void {
  check('of many updates of one key never two are inside, and none is lost', async (store, clock, place) => {
    const stores = [store, place.open({ clock })]
    let inside = 0
    const updates = Array.from({ length: 20 }, (_, index) =>
      (stores[index % 2] as TokenStore).update(key, async (current) => {
        expect(++inside).toBe(1)
        await new Promise((resolve) => setTimeout(resolve, 1))
        inside--
        return { refreshToken: 'rt', tokens: { ...current?.tokens, [`v${index}`]: token(`at-${index}`) } }
      }),
    )
    await Promise.all(updates)
    expect(Object.keys((await store.get(key))?.tokens ?? {})).toHaveLength(20)
  })
  check('updates of two keys do not wait for each other', async (store) => {
    const hold = gate()
    const first = store.update(key, async (current) => hold.opened.then(() => current))
    expect((await store.update({ ...key, clientId: 'other' }, async () => login('rt')))?.refreshToken).toBe('rt')
    hold.open()
    await first
  })
  check('the signal ends the wait for the lock, never the change', async (store) => {
    const [inside, hold, caller] = [gate(), gate(), new AbortController()]
    const holder = store.update(
      key,
      async () => {
        inside.open()
        await hold.opened
        return login('rt-1')
      },
      { signal: caller.signal },
    )
    await inside.opened
    const waiter = codeOf(store.update(key, async () => login('rt-2'), { signal: caller.signal }))
    caller.abort('no more')
    expect(await waiter).toBe('ABORTED')
    hold.open()
    expect((await holder)?.refreshToken).toBe('rt-1')
  })
  check('waitMs ends the wait with STORE_LOCKED', async (store) => {
    const [inside, hold] = [gate(), gate()]
    const holder = store.update(key, async (current) => {
      inside.open()
      return hold.opened.then(() => current)
    })
    await inside.opened
    expect(await codeOf(store.update(key, async () => login('rt'), { waitMs: 50 }))).toBe('STORE_LOCKED')
    hold.open()
    await holder
    await store.update(key, async () => login('rt'), { waitMs: 50 })
  })
  check('enough ends the wait with the login as read, and the change is not run', async (store) => {
    const [inside, hold] = [gate(), gate()]
    const holder = store.update(key, async () => {
      inside.open()
      await hold.opened
      return login('rt-1', 'at-1')
    })
    await inside.opened
    const waiters = [1, 2, 3].map(() =>
      store.update(key, () => Promise.reject(new Error('it ran')), {
        enough: (current) => current?.tokens[''] !== undefined,
      }),
    )
    hold.open()
    await holder
    for (const waiter of waiters) expect((await waiter)?.tokens['']?.accessToken).toBe('at-1')
  })
  check('a failure recorded by the holder reaches whoever waited', async (store) => {
    const [inside, hold] = [gate(), gate()]
    await store.update(key, async () => login('rt-1'))
    const holder = store.update(key, async (current) => {
      inside.open()
      await hold.opened
      return { ...(current as Login), failed: { at: start, code: 'NETWORK' as const, variant: '' } }
    })
    await inside.opened
    const waiter = store.update(key, () => Promise.reject(new Error('it ran')), {
      enough: (current) => current?.failed !== undefined,
    })
    hold.open()
    await holder
    expect((await waiter)?.failed?.code).toBe('NETWORK')
  })
}
