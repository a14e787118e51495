import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Login } from '@latchkey/core'
import { type FileStore, fileStore } from '@latchkey/file-store'
import { manualClock } from '@latchkey/testkit'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import {
  dieAfterAnswer,
  dieBeforeOwnFile,
  finish,
  key,
  login,
  ownBytes,
  ownFile,
  pythonStores,
  pythonWrites,
  rotateTo,
  stored,
  storeFirst,
  token,
  tokensIn,
} from './support/example.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

let path: string
let file: string
let store: FileStore

beforeEach(() => {
  path = temporaryDirectory(onTestFinished)
  file = join(path, 'refresh-tokens.json')
  store = fileStore({ path })
})

describe('w6: a login that Python stores while we renew', () => {
  test('stands: a foreign token wins over our successor', async () => {
    await storeFirst(store)
    const result = await store.update(key, async (current, lease) => {
      const next = await rotateTo('rt-2')(current, lease)
      pythonStores(file, 'rt-100')
      return next
    })
    expect(result).toEqual({ refreshToken: 'rt-100', tokens: {} })
    expect(stored(file)).toBe('rt-100')
  })
  test('of another key is kept by the merge', async () => {
    await storeFirst(store)
    await store.update(key, async (current, lease) => {
      const next = await rotateTo('rt-2')(current, lease)
      pythonWrites(file, { [key.issuer]: { [key.clientId]: 'rt-1', other: 'new' } })
      return next
    })
    expect(tokensIn(file)).toEqual({ [key.issuer]: { [key.clientId]: 'rt-2', other: 'new' } })
  })
})

describe('w7: a logout while we renew', () => {
  test('stands: the login does not come back, and nothing of it is kept', async () => {
    await storeFirst(store)
    const result = await store.update(key, async (current, lease) => {
      const next = await rotateTo('rt-2')(current, lease)
      rmSync(file)
      return next
    })
    expect(result).toBeUndefined()
    expect(existsSync(file)).toBe(false)
    expect(ownBytes(path)).not.toMatch(/rt-\d/)
  })
  test('stands also when only the entry went', async () => {
    await storeFirst(store)
    await store.update(key, async (current) => {
      pythonWrites(file, { 'https://other': { c: 'kept' } })
      return { ...(current as Login), tokens: { '': token('at-new') } }
    })
    expect(tokensIn(file)).toEqual({ 'https://other': { c: 'kept' } })
    expect(ownBytes(path)).not.toContain('at-new')
  })
})

describe('w8: a spent token that Python writes back', () => {
  test('is never given out: the current one is', async () => {
    await storeFirst(store)
    await store.update(key, rotateTo('rt-2'))
    pythonStores(file, 'rt-1')
    expect(await store.get(key)).toMatchObject({
      refreshToken: 'rt-2',
      tokens: { '': { accessToken: 'access-of-rt-2' } },
    })
    expect(store.peek(key)?.refreshToken).toBe('rt-2')
  })
  test('is replaced by the next write', async () => {
    await storeFirst(store)
    await store.update(key, rotateTo('rt-2'))
    pythonStores(file, 'rt-1')
    await store.update(key, async (current) => ({ ...(current as Login), tokens: { '': token('at-new') } }))
    expect(stored(file)).toBe('rt-2')
  })
  test('and by the next renewal', async () => {
    await storeFirst(store)
    await store.update(key, rotateTo('rt-2'))
    pythonStores(file, 'rt-1')
    await store.update(key, rotateTo('rt-3'))
    expect(stored(file)).toBe('rt-3')
  })
  test('eight rotations back', async () => {
    await storeFirst(store)
    for (let index = 2; index <= 9; index++) await store.update(key, rotateTo(`rt-${index}`))
    pythonStores(file, 'rt-1')
    expect((await store.get(key))?.refreshToken).toBe('rt-9')
    await store.update(key, rotateTo('rt-10'))
    pythonStores(file, 'rt-1')
    expect((await store.get(key))?.refreshToken).toBe('rt-1')
  })
  test('but a login over a token spends nothing: the same token at a later login is that login', async () => {
    await storeFirst(store)
    await store.update(key, async () => login('rt-100'))
    pythonStores(file, 'rt-1')
    expect(await store.get(key)).toEqual({ refreshToken: 'rt-1', tokens: {} })
  })
  test('nor does an answer that brings the same token again', async () => {
    await storeFirst(store)
    await store.update(key, rotateTo('rt-1'))
    await store.update(key, async () => login('rt-100'))
    pythonStores(file, 'rt-1')
    expect((await store.get(key))?.refreshToken).toBe('rt-1')
  })
  test("of the person before does not lead back to them: the second person's token is given out", async () => {
    await storeFirst(store)
    await store.update(key, rotateTo('rt-2'))
    await store.update(key, async () => login('rt-100'))
    pythonStores(file, 'rt-1')
    expect(await store.get(key)).toMatchObject({
      refreshToken: 'rt-100',
      tokens: { '': { accessToken: 'access-of-rt-100' } },
    })
  })
})

test("w9: Python logs in as another person: the first one's access tokens and marks are not there", async () => {
  await store.update(key, async () => ({
    ...login('rt-1'),
    subject: 'first',
    failed: { at: 1, code: 'NETWORK', variant: '' },
  }))
  pythonStores(file, 'rt-100')
  expect(await store.get(key)).toEqual({ refreshToken: 'rt-100', tokens: {} })
  pythonStores(file, 'rt-1')
  expect((await store.get(key))?.subject).toBe('first')
})

test('w13: a later token has a larger order, also in another process with a clock that is behind', async () => {
  const first = await fileStore({ path, clock: manualClock(2_000_000_000_000) }).update(key, async () => login('rt-1'))
  const behind = fileStore({ path, clock: manualClock(1_000_000_000_000) })
  const second = await behind.update(key, async (current) => ({ ...(current as Login), tokens: { '': token('at-2') } }))
  expect(second?.tokens['']?.order).toBe((first?.tokens['']?.order ?? 0) + 1)
})

test('an answer of a process that died is not called finished while our own file cannot say so', async () => {
  await storeFirst(store)
  await expect(store.update(key, dieAfterAnswer('rt-1'))).rejects.toThrow('killed')
  const blocked = `${ownFile(path, '.json')}.tmp`
  mkdirSync(blocked)
  await expect(store.update(key, finish)).rejects.toMatchObject({ code: 'STORE_WRITE' })
  expect((await store.get(key))?.unfinished?.answer).toContain('rt-1')
  rmdirSync(blocked)
  await store.update(key, finish)
  expect((await store.get(key))?.unfinished).toBeUndefined()
})

describe('w16: an answer is on disk before anybody looks at it', () => {
  test('and is found by the next process', async () => {
    await storeFirst(store)
    await expect(store.update(key, dieAfterAnswer('rt-2'))).rejects.toThrow('killed')
    expect(readFileSync(ownFile(path, '.answer'), 'utf8')).toContain('rt-2')
    const other = fileStore({ path })
    expect((await other.get(key))?.unfinished).toMatchObject({ answer: '{"refresh_token":"rt-2"}' })
    expect(await other.update(key, finish)).toMatchObject({ refreshToken: 'rt-2' })
    expect(stored(file)).toBe('rt-2')
    expect((await other.get(key))?.unfinished).toBeUndefined()
  })
  test('of any size', async () => {
    await storeFirst(store)
    const answer = JSON.stringify({ refresh_token: 'rt-2', id_token: 'é'.repeat(200_000) })
    const dies = store.update(key, async (_, lease) => {
      await (await lease.spend('rt-1', ''))(answer)
      throw new Error('killed')
    })
    await expect(dies).rejects.toThrow('killed')
    expect((await store.get(key))?.unfinished?.answer).toBe(answer)
    await store.update(key, finish)
    await store.update(key, rotateTo('rt-3'))
    expect(ownBytes(path)).not.toContain('é')
  })
})

test('o1, o2: the shared file is written before our own, and both before the lock is free', async () => {
  await storeFirst(store)
  await dieBeforeOwnFile({ path, store }, 'rt-2')
  // What a reader then sees: the new token, and none of the access tokens of the old one.
  expect(await store.get(key)).toEqual({ refreshToken: 'rt-2', tokens: {} })
  const rotation = store.update(key, rotateTo('rt-3'))
  const seen = await store.update(key, async (current) => current)
  await rotation
  expect(seen).toMatchObject({ refreshToken: 'rt-3', tokens: { '': { accessToken: 'access-of-rt-3' } } })
})
