import type { TokenStore } from '@latchkey/core'
import { expect } from 'vitest'
import { type Check, key, start, token } from './ground.ts'

/** The order of access tokens. */
export function ordering(check: Check): void {
  const put = async (store: TokenStore, variant: string): Promise<number> => {
    const stored = await store.update(key, async (current) => ({
      ...(current ?? { refreshToken: 'rt' }),
      tokens: { ...current?.tokens, [variant]: token(variant) },
    }))
    return stored?.tokens[variant]?.order ?? Number.NaN
  }
  check('order is the time in milliseconds', async (store) => {
    expect(await put(store, 'a')).toBe(start)
  })
  check('order is larger than every one before, at one time and with a clock set back', async (store, clock) => {
    const first = await put(store, 'a')
    const second = await put(store, 'b')
    clock.setWall(start - 3_600_000)
    const third = await put(store, 'c')
    expect([second > first, third > second]).toEqual([true, true])
  })
  check('a token that was there before keeps its order', async (store) => {
    const first = await put(store, 'a')
    await put(store, 'b')
    expect((await store.get(key))?.tokens['a']?.order).toBe(first)
  })
  check('n8: a logout does not start the order again', async (store, clock) => {
    const before = await put(store, 'a')
    await store.update(key, async () => undefined)
    clock.setWall(start - 3_600_000)
    expect(await put(store, 'a')).toBeGreaterThan(before)
  })
}
