import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clearRefreshTokens, fileStore } from '@latchkey/file-store'
import { describe, expect, test } from 'vitest'
import { dieAfterAnswer, key, login, ownBytes, ownFile, pythonWrites, rotateTo, tokensIn } from './support/example.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

describe('the end of a store', () => {
  test('idle waits for the updates that run, close takes no more', async () => {
    const path = temporaryDirectory()
    const store = fileStore({ path })
    await store.idle()
    const done: string[] = []
    const slow = store.update(key, async () => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return login('rt-1')
    })
    const failing = store.update({ ...key, clientId: 'other' }, () => Promise.reject(new Error('no')))
    void slow.then(() => done.push('update'))
    failing.catch(() => done.push('failed'))
    await store.idle()
    expect(done.toSorted()).toEqual(['failed', 'update'])
    const last = store.update(key, rotateTo('rt-2'))
    await store.close()
    expect(tokensIn(join(path, 'refresh-tokens.json'))).toEqual({ [key.issuer]: { [key.clientId]: 'rt-2' } })
    await last
    await expect(store.update(key, async () => login('rt'))).rejects.toThrow('closed')
    expect((await store.get(key))?.refreshToken).toBe('rt-2')
  })
})

describe('peek', () => {
  test('gives what get gives', async () => {
    const path = temporaryDirectory()
    const store = fileStore({ path })
    const named = { ...key, account: 'work' }
    expect([store.peek(key), store.peek(named)]).toEqual([undefined, undefined])
    await store.update(key, async () => login('rt-1'))
    await store.update(named, async () => login('rt-named'))
    expect([store.peek(key), store.peek(named)]).toEqual([await store.get(key), await store.get(named)])
  })
  test('gives nothing while a file is being written, instead of waiting', async () => {
    const path = temporaryDirectory()
    writeFileSync(join(path, 'refresh-tokens.json'), '', { mode: 0o600 })
    expect(fileStore({ path }).peek(key)).toBeUndefined()
  })
})

describe('named accounts', () => {
  const named = { ...key, account: 'work' }
  test('are not in the shared file, and survive its removal by another tool', async () => {
    const path = temporaryDirectory()
    const store = fileStore({ path })
    await store.update(named, async () => login('rt-1'))
    await store.update(named, rotateTo('rt-2'))
    expect(readdirSync(path)).toEqual(['latchkey'])
    pythonWrites(join(path, 'refresh-tokens.json'), { [key.issuer]: { [key.clientId]: 'rt-default' } })
    rmSync(join(path, 'refresh-tokens.json'))
    expect((await store.get(named))?.refreshToken).toBe('rt-2')
    expect(await store.get(key)).toBeUndefined()
  })
  test('find the answer of a renewal that died', async () => {
    const path = temporaryDirectory()
    const store = fileStore({ path })
    await store.update(named, async () => login('rt-1'))
    await expect(store.update(named, dieAfterAnswer('rt-2'))).rejects.toThrow('killed')
    expect((await store.get(named))?.unfinished?.answer).toBe('{"refresh_token":"rt-2"}')
  })
  test('of two logins whose file names collide, the second is refused', async () => {
    const path = temporaryDirectory()
    const store = fileStore({ path })
    await store.update(named, async () => login('rt-1'))
    const own = ownFile(path, '.json')
    const foreign = JSON.stringify({ version: 1, key: { issuer: 'https://other', clientId: 'c' }, spent: [], order: 1 })
    writeFileSync(own, foreign)
    await expect(store.get(named)).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining('another login'),
    })
  })
})

describe('clearing', () => {
  test('removes the shared file and everything kept for every login, but no lock file', async () => {
    const path = temporaryDirectory()
    const store = fileStore({ path })
    await store.update(key, async () => login('rt-1'))
    await store.update(key, rotateTo('rt-2'))
    await store.update({ ...key, account: 'work' }, async () => login('rt-named'))
    writeFileSync(join(path, 'latchkey', 'file.lock.tmp'), 'rt-old')
    expect(await clearRefreshTokens({ path })).toBe(true)
    expect(ownBytes(path)).toBe('')
    expect(readdirSync(join(path, 'latchkey')).every((name) => name.endsWith('.lock'))).toBe(true)
    expect(await clearRefreshTokens({ path })).toBe(false)
  })
  test('makes nothing where nothing was', async () => {
    const path = temporaryDirectory()
    expect(await clearRefreshTokens({ path })).toBe(false)
    writeFileSync(join(path, 'refresh-tokens.json'), 'not even JSON')
    expect(await clearRefreshTokens({ path })).toBe(true)
    expect(readdirSync(path)).toEqual([])
  })
})
