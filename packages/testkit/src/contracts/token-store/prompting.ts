import type { Login } from '@latchkey/core'
import { expect } from 'vitest'
import { type Check, holder, key, login, mustNotRun } from './ground.ts'

/** Updates in which a person acts. */
export function prompting(check: Check): void {
  check('a prompt holds nobody up but the next prompt', async (store) => {
    const person = await holder(store, { interactive: true })
    await store.update(key, async () => login('rt-1', 'at-1'))
    const enough = (current: Login | undefined): boolean => current?.refreshToken === 'rt-person'
    const second = store.update(key, mustNotRun, { interactive: true, waitMs: 10, enough })
    expect((await person.finish(() => login('rt-person')))?.refreshToken).toBe('rt-person')
    expect((await second)?.refreshToken).toBe('rt-person')
  })
  check('whoever waits to prompt adopts what anyone stores meanwhile', async (store) => {
    const forgotten = await holder(store, { interactive: true })
    const enough = (current: Login | undefined): boolean => current?.refreshToken !== undefined
    const waiter = store.update(key, mustNotRun, { interactive: true, enough })
    await store.update(key, async () => login('rt-1'))
    expect((await waiter)?.refreshToken).toBe('rt-1')
    await forgotten.finish()
  })
  check('a prompt spends nothing', async (store) => {
    await store.update(key, async () => login('rt-1'))
    const spends = store.update(key, async (_current, lease) => void (await lease.spend('rt-1', '')), {
      interactive: true,
    })
    await expect(spends).rejects.toThrow('interactive')
  })
}

/** What happens to the login while a person is asked. */
export function overtaken(check: Check): void {
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
}
