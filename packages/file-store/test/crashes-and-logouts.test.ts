import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lease, Login } from '@latchkey/core'
import { clearRefreshTokens, type FileStore, fileStore } from '@latchkey/file-store'
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

test('n1: an answer that nobody finished is not overwritten by another renewal', async () => {
  await storeFirst(store)
  await expect(store.update(key, dieAfterAnswer('rt-2'))).rejects.toThrow('killed')
  await expect(store.update(key, rotateTo('rt-3'))).rejects.toThrow('not finished')
  // Nor by one that took the new token out of it and wants to go on at once: this is its only copy.
  const greedy = store.update(key, async (current, lease) => rotateTo('rt-3')(await finish(current), lease))
  await expect(greedy).rejects.toThrow('not finished')
  expect(ownBytes(path)).toContain('rt-2')
})

describe('n2: a person who logs in while others renew', () => {
  const person = (meanwhile: () => Promise<unknown>): Promise<Login | undefined> =>
    store.update(
      key,
      async () => {
        await meanwhile()
        return login('rt-100')
      },
      { interactive: true },
    )
  test('has logged in', async () => {
    await storeFirst(store)
    expect((await person(() => store.update(key, rotateTo('rt-2'))))?.refreshToken).toBe('rt-100')
    expect(stored(file)).toBe('rt-100')
  })
  test('also over an entry that Python stored meanwhile', async () => {
    await person(async () => pythonStores(file, 'rt-50'))
    expect(stored(file)).toBe('rt-100')
  })
})

describe('n3: token-clear while a named account is renewed', () => {
  const named = { ...key, account: 'work' }
  test('waits for its lock: the login does not come back, and no lock file goes', async () => {
    await store.update(named, async () => login('rt-1'))
    const lock = ownFile(path, '.lock')
    let cleared: Promise<boolean> | undefined
    await store.update(named, async (current, lease) => {
      cleared = clearRefreshTokens({ path })
      await new Promise((resolve) => setTimeout(resolve, 60))
      return rotateTo('rt-2')(current, lease)
    })
    expect(await cleared).toBe(false)
    expect(await store.get(named)).toBeUndefined()
    expect([existsSync(lock), ownBytes(path)]).toEqual([true, ''])
  })
})

describe('n4: secrets of a login that is gone', () => {
  test.each(['get', 'update'])('are removed by the %s that finds the entry missing', async (verb) => {
    await storeFirst(store)
    await expect(store.update(key, dieAfterAnswer('rt-2'))).rejects.toThrow('killed')
    rmSync(file)
    expect(verb === 'get' ? await store.get(key) : await store.update(key, async (current) => current)).toBeUndefined()
    expect(ownBytes(path)).not.toMatch(/rt-\d/)
  })
  test('are removed by a logout', async () => {
    await storeFirst(store)
    await store.update(key, rotateTo('rt-2'))
    await store.update(key, async () => undefined)
    expect(ownBytes(path)).not.toMatch(/rt-\d/)
    expect(tokensIn(file)).toEqual({})
  })
  test('but a machine login, which has no entry, is kept', async () => {
    await store.update(key, async () => ({ tokens: { '': token('at-machine') } }))
    expect((await store.get(key))?.tokens['']?.accessToken).toBe('at-machine')
    await store.update(key, async (current) => current)
    expect((await store.get(key))?.tokens['']?.accessToken).toBe('at-machine')
  })
})

describe('n5: after a logout that one of us saw, a spent token that comes back heals nothing', () => {
  test('seen by the renewal in flight', async () => {
    await storeFirst(store)
    await store.update(key, async (current, lease) => {
      const next = await rotateTo('rt-2')(current, lease)
      rmSync(file)
      return next
    })
    pythonStores(file, 'rt-1')
    expect(await store.get(key)).toEqual({ refreshToken: 'rt-1', tokens: {} })
  })
  test('seen by a get', async () => {
    await storeFirst(store)
    await store.update(key, rotateTo('rt-2'))
    rmSync(file)
    await store.get(key)
    pythonStores(file, 'rt-1')
    expect(await store.get(key)).toEqual({ refreshToken: 'rt-1', tokens: {} })
  })
  test('n9: one that nobody saw cannot be told from a stale write, and is healed', async () => {
    await storeFirst(store)
    await store.update(key, rotateTo('rt-2'))
    rmSync(file)
    pythonStores(file, 'rt-1')
    expect((await store.get(key))?.refreshToken).toBe('rt-2')
  })
})

test('n6: a logout removes our own files first: what dies half way is a login that is still there', async () => {
  await storeFirst(store)
  await store.update(key, rotateTo('rt-2'))
  // The shared file cannot be parsed, so that its part of the logout fails.
  const logout = store.update(key, async () => {
    writeFileSync(file, 'broken')
    return undefined
  })
  await expect(logout).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
  expect(ownBytes(path)).not.toMatch(/rt-\d/)
  // n6b: nothing heals a spent token that comes back now.
  pythonStores(file, 'rt-1')
  expect((await store.get(key))?.refreshToken).toBe('rt-1')
})

test('n7: a crash between the two files, one more rotation, and a stale Python: still healed', async () => {
  await storeFirst(store)
  await dieBeforeOwnFile({ path, store }, 'rt-2')
  await store.update(key, rotateTo('rt-3'))
  pythonStores(file, 'rt-1')
  expect((await store.get(key))?.refreshToken).toBe('rt-3')
})

test('n8: the order goes on after a logout elsewhere and a foreign login', async () => {
  const clock = manualClock(1_000_000)
  const here = fileStore({ path, clock })
  const first = await here.update(key, async () => login('rt-1'))
  rmSync(file)
  await here.get(key)
  pythonStores(file, 'rt-100')
  const second = await here.update(key, async (current) => ({ ...(current as Login), tokens: { '': token('at-2') } }))
  expect(second?.tokens['']?.order).toBeGreaterThan(first?.tokens['']?.order ?? 0)
})

test('h8: an answer that comes after its change ended does not touch the next one', async () => {
  await storeFirst(store)
  let late: ((answer: string) => Promise<void>) | undefined
  await store.update(key, async (current, lease) => {
    late = await lease.spend('rt-1', '')
    return current
  })
  await store.update(key, async (current, lease: Lease) => {
    const answered = await lease.spend('rt-1', '')
    await expect(late?.('{"refresh_token":"rt-late"}')).rejects.toThrow('ended')
    await answered('{"refresh_token":"rt-2"}')
    return { ...(current as Login), refreshToken: 'rt-2' }
  })
  expect(ownBytes(path)).not.toContain('rt-late')
})

test('h8: one that its change did not wait for is written before the lock goes', async () => {
  await storeFirst(store)
  let handed: Promise<void> | undefined
  await store.update(key, async (current, lease) => {
    const answered = await lease.spend('rt-1', '')
    handed = answered('{"refresh_token":"rt-2"}')
    return current
  })
  await handed
  expect((await store.get(key))?.unfinished?.answer).toBe('{"refresh_token":"rt-2"}')
})

test('a prompt that brings nothing new does not cost the answer of a renewal that died meanwhile', async () => {
  await storeFirst(store)
  const prompt = store.update(
    key,
    async (current) => {
      await store.update(key, rotateTo('rt-2'))
      await expect(store.update(key, dieAfterAnswer('rt-3'))).rejects.toThrow('killed')
      return { ...(current as Login), subject: 'late' }
    },
    { interactive: true },
  )
  expect(await prompt).toMatchObject({ refreshToken: 'rt-2', unfinished: { answer: '{"refresh_token":"rt-3"}' } })
  expect((await store.update(key, finish))?.refreshToken).toBe('rt-3')
})

describe('h9: what counts as an answer', () => {
  test('its time is when the token was sent, so that a token is never taken for fresher than it is', async () => {
    const clock = manualClock(5_000)
    const here = fileStore({ path, clock })
    await here.update(key, async () => login('rt-1'))
    const dies = here.update(key, async (_, lease) => {
      const answered = await lease.spend('rt-1', 'v')
      await clock.advance(20_000)
      await answered('{}')
      throw new Error('killed')
    })
    await expect(dies).rejects.toThrow('killed')
    await clock.advance(3_600_000)
    expect((await here.get(key))?.unfinished).toEqual({ receivedAt: 5_000, variant: 'v', answer: '{}' })
  })
  test.each([0.2, 0.5, 0.9, 0.99])('blanks are none, nor is the part of one that was written: %d', async (part) => {
    await storeFirst(store)
    await expect(store.update(key, dieAfterAnswer('rt-2'))).rejects.toThrow('killed')
    const answer = ownFile(path, '.answer')
    const whole = readFileSync(answer, 'utf8')
    const begin = whole.indexOf('\n') + 1
    const end = whole.trimEnd().length
    const cut = begin + Math.floor((end - begin) * part)
    writeFileSync(answer, whole.slice(0, cut) + ' '.repeat(whole.length - cut))
    expect((await store.get(key))?.unfinished).toBeUndefined()
    expect((await store.update(key, rotateTo('rt-3')))?.refreshToken).toBe('rt-3')
  })
})

describe('a person who logs in over an answer that nobody finished', () => {
  const left = (answer: string) => async (_: Login | undefined, lease: Lease) => {
    await (await lease.spend('rt-1', ''))(answer)
    throw new Error('killed')
  }
  test('has logged in, and a stale write does not bring the one before back', async () => {
    await storeFirst(store)
    await expect(store.update(key, left('{"refresh_token":"rt-2"}'))).rejects.toThrow('killed')
    await store.update(key, async () => login('rt-100'))
    expect(stored(file)).toBe('rt-100')
    pythonStores(file, 'rt-1')
    expect(await store.get(key)).toMatchObject({
      refreshToken: 'rt-100',
      tokens: { '': { accessToken: 'access-of-rt-100' } },
    })
  })
  test('spends nothing where the answer did not', async () => {
    await storeFirst(store)
    await expect(store.update(key, left('{"access_token":"at"}'))).rejects.toThrow('killed')
    await store.update(key, async () => login('rt-100'))
    pythonStores(file, 'rt-1')
    expect(await store.get(key)).toEqual({ refreshToken: 'rt-1', tokens: {} })
  })
})

test('a broken file of ours costs a default login one renewal, and a named account an error', async () => {
  const named = { ...key, account: 'work' }
  await storeFirst(store)
  const own = ownFile(path, '.json')
  writeFileSync(own, '')
  expect(await store.get(key)).toEqual({ refreshToken: 'rt-1', tokens: {} })
  expect((await store.update(key, rotateTo('rt-2')))?.refreshToken).toBe('rt-2')
  rmSync(own)
  await store.update(named, async () => login('rt-named'))
  writeFileSync(ownFile(path, '.json'), '{"half')
  await expect(store.get(named)).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
})
