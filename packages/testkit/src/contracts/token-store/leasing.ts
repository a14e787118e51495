import type { Lease, Login, TokenStore } from '@latchkey/core'
import { expect } from 'vitest'
import { type Check, key, login, start, token } from './ground.ts'

async function spendAndDie(store: TokenStore, refreshToken: string, answer: string): Promise<void> {
  const dies = store.update(key, async (_current, lease) => {
    await (await lease.spend(refreshToken, 'a-variant'))(answer)
    throw new Error('died')
  })
  await expect(dies).rejects.toThrow('died')
}

/** What a change may do while it holds the lock. */
export function leasing(check: Check): void {
  check('n1: spend throws while an answer for the stored token is unfinished', async (store) => {
    await store.update(key, async () => login('rt-1'))
    await spendAndDie(store, 'rt-1', '{"refresh_token":"rt-2"}')
    for (const sent of ['rt-1', 'rt-2']) {
      const spends = store.update(key, async (_current, lease) => void (await lease.spend(sent, '')))
      await expect(spends).rejects.toThrow('not finished')
    }
    expect((await store.get(key))?.unfinished?.answer).toBe('{"refresh_token":"rt-2"}')
  })
  check('n1: nor twice in one change once an answer came', async (store) => {
    await store.update(key, async () => login('rt-1'))
    const twice = store.update(key, async (_current, lease) => {
      await (await lease.spend('rt-1', ''))('{"refresh_token":"rt-2"}')
      await lease.spend('rt-2', '')
      return undefined
    })
    await expect(twice).rejects.toThrow('not finished')
    expect((await store.get(key))?.unfinished?.answer).toBe('{"refresh_token":"rt-2"}')
  })
  check('a token that was refused can be followed by another', async (store) => {
    await store.update(key, async () => login('rt-1'))
    const stored = await store.update(key, async (current, lease) => {
      await lease.spend('rt-1', '')
      expect((await lease.reread())?.refreshToken).toBe('rt-1')
      await (await lease.spend('rt-1', ''))('{"refresh_token":"rt-2"}')
      return { ...(current as Login), refreshToken: 'rt-2' }
    })
    expect(stored?.refreshToken).toBe('rt-2')
  })
  check('h8: a lease ends with its change', async (store) => {
    await store.update(key, async () => login('rt-1'))
    let lease: Lease | undefined
    let late: ((answer: string) => Promise<void>) | undefined
    await store.update(key, async (current, given) => {
      lease = given
      late = await given.spend('rt-1', '')
      return current
    })
    await expect(late?.('too late')).rejects.toThrow('ended')
    await expect(lease?.spend('rt-1', '')).rejects.toThrow('ended')
    await expect(lease?.reread()).rejects.toThrow('ended')
    expect((await store.get(key))?.unfinished).toBeUndefined()
  })
}

/** The answer of a renewal whose process died. */
export function unfinished(check: Check): void {
  check('an answer that was handed over outlives a change that dies', async (store, clock, place) => {
    await store.update(key, async () => login('rt-1', 'at-1'))
    await spendAndDie(store, 'rt-1', '{"refresh_token":"rt-2","é":" "}')
    const unfinished = { receivedAt: start, variant: 'a-variant', answer: '{"refresh_token":"rt-2","é":" "}' }
    expect(await place.open({ clock }).get(key)).toMatchObject({ refreshToken: 'rt-1', unfinished })
  })
  check('a change that returns without it has finished it', async (store) => {
    await store.update(key, async () => login('rt-1'))
    await spendAndDie(store, 'rt-1', '{"refresh_token":"rt-2"}')
    await store.update(key, async (current) => ({ refreshToken: 'rt-2', tokens: current?.tokens ?? {} }))
    expect(await store.get(key)).toEqual({ refreshToken: 'rt-2', tokens: {} })
  })
  check('a change that returns with it has not', async (store) => {
    await store.update(key, async () => login('rt-1'))
    await spendAndDie(store, 'rt-1', 'answer')
    await store.update(key, async (current) => ({ ...(current as Login), subject: 'someone' }))
    expect(await store.get(key)).toMatchObject({ subject: 'someone', unfinished: { answer: 'answer' } })
  })
  check('an answer that keeps the refresh token can be finished too', async (store) => {
    await store.update(key, async () => login('rt-1'))
    await store.update(key, async (current, lease) => {
      await (await lease.spend('rt-1', ''))('{"access_token":"at-2"}')
      return { ...(current as Login), tokens: { '': token('at-2') } }
    })
    const stored = await store.get(key)
    expect([stored?.refreshToken, stored?.unfinished, stored?.tokens['']?.accessToken]).toEqual([
      'rt-1',
      undefined,
      'at-2',
    ])
  })
}
