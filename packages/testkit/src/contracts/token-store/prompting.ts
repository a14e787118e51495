import type { Login } from '@latchkey/core'
import { expect } from 'vitest'
import { type Check, gate, key, login } from './ground.ts'

/** Updates in which a person acts. */
export function prompting(check: Check): void {
  check('a prompt holds nobody up but the next prompt', async (store) => {
    const [inside, hold] = [gate(), gate()]
    const person = store.update(
      key,
      async () => {
        inside.open()
        await hold.opened
        return login('rt-person')
      },
      { interactive: true },
    )
    await inside.opened
    await store.update(key, async () => login('rt-1', 'at-1'))
    const second = store.update(key, () => Promise.reject(new Error('it ran')), {
      interactive: true,
      waitMs: 10,
      enough: (current) => current?.refreshToken === 'rt-person',
    })
    hold.open()
    expect((await person)?.refreshToken).toBe('rt-person')
    expect((await second)?.refreshToken).toBe('rt-person')
  })
  check('whoever waits to prompt adopts what anyone stores meanwhile', async (store) => {
    const [inside, hold] = [gate(), gate()]
    const forgotten = store.update(
      key,
      async (current) => {
        inside.open()
        return hold.opened.then(() => current)
      },
      { interactive: true },
    )
    await inside.opened
    const waiter = store.update(key, () => Promise.reject(new Error('it ran')), {
      interactive: true,
      enough: (current) => current?.refreshToken !== undefined,
    })
    await store.update(key, async () => login('rt-1'))
    expect((await waiter)?.refreshToken).toBe('rt-1')
    hold.open()
    await forgotten
  })
  check("n2: a person's login stands over a rotation that came meanwhile", async (store) => {
    await store.update(key, async () => login('rt-1'))
    const stored = await store.update(
      key,
      async () => {
        await store.update(key, async (current, lease) => {
          await (await lease.spend('rt-1', ''))('{"refresh_token":"rt-2"}')
          return { ...(current as Login), refreshToken: 'rt-2' }
        })
        return login('rt-100', 'at-100')
      },
      { interactive: true },
    )
    expect(stored).toMatchObject({ refreshToken: 'rt-100', tokens: { '': { accessToken: 'at-100' } } })
    expect(await store.get(key)).toEqual(stored)
  })
  check('n2: also over one that came where there was none', async (store) => {
    const person = store.update(
      key,
      async () => {
        await store.update(key, async () => login('rt-1'))
        return login('rt-100')
      },
      { interactive: true },
    )
    expect((await person)?.refreshToken).toBe('rt-100')
  })
  check('what a prompt gives back without a new refresh token does not undo a rotation', async (store) => {
    await store.update(key, async () => login('rt-1', 'at-1'))
    const stored = await store.update(
      key,
      async (current) => {
        await store.update(key, async (now, lease) => {
          await (await lease.spend('rt-1', ''))('{"refresh_token":"rt-2"}')
          return { ...(now as Login), refreshToken: 'rt-2' }
        })
        return { ...(current as Login), subject: 'late' }
      },
      { interactive: true },
    )
    expect(stored?.refreshToken).toBe('rt-2')
    expect((await store.get(key))?.subject).toBeUndefined()
  })
  check('a prompt spends nothing', async (store) => {
    await store.update(key, async () => login('rt-1'))
    const spends = store.update(key, async (_current, lease) => void (await lease.spend('rt-1', '')), {
      interactive: true,
    })
    await expect(spends).rejects.toThrow('interactive')
  })
}
