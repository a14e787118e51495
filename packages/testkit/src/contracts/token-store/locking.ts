import type { Login, TokenStore } from '@latchkey/core'
import { expect } from 'vitest'
import { allOf, type Check, codeOf, holder, key, login, mustNotRun, start, token } from './ground.ts'

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
    const inside = await holder(store)
    const other = await store.update({ ...key, clientId: 'other' }, async () => login('rt'))
    expect(other?.refreshToken).toBe('rt')
    await inside.finish()
  })
}

/** What ends a wait for the lock. */
export function waiting(check: Check): void {
  check('a caller that has given up gets ABORTED', async (store) => {
    const signal = AbortSignal.abort('enough')
    expect(await codeOf(store.get(key, { signal }))).toBe('ABORTED')
    expect(await codeOf(store.update(key, async () => undefined, { signal }))).toBe('ABORTED')
    await store.update(key, async () => login('rt'))
    expect(await codeOf(allOf(store.keys({ signal })))).toBe('ABORTED')
  })
  check('the signal ends the wait for the lock, never the change', async (store) => {
    const caller = new AbortController()
    const inside = await holder(store, { signal: caller.signal })
    const waiter = codeOf(store.update(key, mustNotRun, { signal: caller.signal }))
    caller.abort('no more')
    expect(await waiter).toBe('ABORTED')
    expect((await inside.finish(() => login('rt-1')))?.refreshToken).toBe('rt-1')
  })
  check('waitMs ends the wait with STORE_LOCKED', async (store) => {
    const inside = await holder(store)
    expect(await codeOf(store.update(key, mustNotRun, { waitMs: 50 }))).toBe('STORE_LOCKED')
    await inside.finish()
    await store.update(key, async () => login('rt'), { waitMs: 50 })
  })
  check('enough ends the wait with the login as read, and the change is not run', async (store) => {
    const inside = await holder(store)
    const enough = (current: Login | undefined): boolean => current?.tokens[''] !== undefined
    const waiters = [1, 2, 3].map(() => store.update(key, mustNotRun, { enough }))
    await inside.finish(() => login('rt-1', 'at-1'))
    for (const waiter of waiters) expect((await waiter)?.tokens['']?.accessToken).toBe('at-1')
  })
  check('a failure recorded by the holder reaches whoever waited', async (store) => {
    await store.update(key, async () => login('rt-1'))
    const inside = await holder(store)
    const waiter = store.update(key, mustNotRun, { enough: (current) => current?.failed !== undefined })
    const failed = { at: start, code: 'NETWORK', variant: '' } as const
    await inside.finish((current) => ({ ...(current as Login), failed }))
    expect((await waiter)?.failed).toEqual(failed)
  })
}
