import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { fileStore } from '@latchkey/file-store'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tryLock } from '../src/lock.ts'
import { key, login, ownFile, rotateTo } from './support/example.ts'
import { nobody, runNode, startNode } from './support/run-node.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const place = (): string => join(temporaryDirectory(), 'a.lock')

/** Whether another process is kept out. */
async function others(path: string, unprivileged = false): Promise<string> {
  return (await runNode('hold-lock', [path, 'once'], { unprivileged })).stdout.trim()
}

describe('the lock excludes', () => {
  test('another process, a second handle here, and a worker', async () => {
    const path = place()
    const held = tryLock(path)
    expect(tryLock(path)).toBeUndefined()
    expect(await others(path)).toBe('busy')
    const source = `require('node:worker_threads').parentPort.postMessage((() => { try { const db = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(path)}, { timeout: 0 }); db.exec('PRAGMA journal_mode=MEMORY; BEGIN IMMEDIATE'); return 'got' } catch (error) { return error.errcode } })())`
    const worker = new Worker(source, { eval: true })
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe(5)
    await worker.terminate()
    expect(await others(path)).toBe('busy')
    held?.release()
    expect(await others(path)).toBe('held')
  })

  test('until its holder is killed, and no longer, though a child of it lives on', async () => {
    const path = place()
    const holder = startNode('hold-lock', [path, 'child'])
    await holder.said('child')
    expect(tryLock(path)).toBeUndefined()
    holder.child.kill('SIGKILL')
    const { stdout } = await holder.ended
    onTestFinished(() => void process.kill(Number(stdout.split(' ')[2])))
    const held = tryLock(path)
    expect(held).toBeDefined()
    held?.release()
  })

  test('with a file of 0600 that stays empty, and no other file', () => {
    const path = place()
    const held = tryLock(path)
    held?.release()
    expect([statSync(path).size, statSync(path).mode & 0o777]).toEqual([0, 0o600])
    expect(readdirSync(join(path, '..'))).toEqual(['a.lock'])
  })
})

describe('w17: the five ways in which a lock is lost without a word', () => {
  test('no lock file of ours is ever opened by anything but SQLite', async () => {
    const path = temporaryDirectory()
    const store = fileStore({ path })
    await store.update(key, async () => login('rt-1'))
    const lock = ownFile(path, '.lock')
    const seen = await store.update(key, async (current, lease) => {
      // Reads, writes, dumps and lists everything that a store does while the lock is held.
      await rotateTo('rt-2')(current, lease)
      await lease.reread()
      store.peek(key)
      await store.get(key)
      for await (const _ of store.keys()) expect(_).toEqual(key)
      return { ...login('rt-2'), subject: await others(lock) }
    })
    expect(seen?.subject).toBe('busy')
  })

  test('a file that we may only read is refused, with its owner and what to do', async () => {
    const path = place()
    writeFileSync(path, '', { mode: 0o644 })
    chmodSync(join(path, '..'), 0o755)
    if (nobody === process.getuid?.()) chmodSync(path, 0o444)
    const said = await others(path, true)
    expect(said).toContain(`STORE_PERMISSIONS: The lock file ${path} belongs to user ${process.getuid?.()}`)
    expect(said).toContain('chown')
  })

  test('one that we may not even open is refused too', async () => {
    const path = place()
    writeFileSync(path, '', { mode: 0o600 })
    chmodSync(join(path, '..'), 0o755)
    if (nobody === process.getuid?.()) chmodSync(path, 0o000)
    expect(await others(path, true)).toContain('STORE_PERMISSIONS')
  })

  test('a lock file is never deleted: not by a logout, a clear, or an update', async () => {
    const path = temporaryDirectory()
    const store = fileStore({ path })
    await store.update(key, async () => login('rt-1'))
    const lock = ownFile(path, '.lock')
    const before = statSync(lock).ino
    await store.update(key, rotateTo('rt-2'))
    await store.update(key, async () => undefined)
    expect(statSync(lock).ino).toBe(before)
  })

  test('one that somebody deleted is made again', async () => {
    const path = place()
    tryLock(path)?.release()
    rmSync(path)
    const held = tryLock(path)
    expect(existsSync(path)).toBe(true)
    expect(await others(path)).toBe('busy')
    held?.release()
  })

  test('the garbage collector does not take a lock that nobody refers to', async () => {
    const path = place()
    const holder = startNode('hold-lock', [path, 'gc'], { execArgv: ['--expose-gc'] })
    await holder.said('held')
    expect(tryLock(path)).toBeUndefined()
    holder.child.kill()
    await holder.ended
  })

  test('another way to the same file leads to the same lock', async () => {
    const path = temporaryDirectory()
    mkdirSync(join(path, 'real'))
    symlinkSync(join(path, 'real'), join(path, 'linked'))
    const held = fileStore({ path: join(path, 'real') })
    const other = fileStore({ path: join(path, 'linked') })
    await held.update(key, async () => {
      await expect(other.update(key, async () => login('rt'), { waitMs: 30 })).rejects.toMatchObject({
        code: 'STORE_LOCKED',
      })
      return login('rt-1')
    })
  })

  test('a lock file with something else in it is named, and left alone', () => {
    const path = place()
    writeFileSync(path, 'this is no database '.repeat(100))
    expect(() => tryLock(path)).toThrow(
      expect.objectContaining({ code: 'STORE_UNREADABLE', message: expect.stringContaining(path) }),
    )
  })
})

test('the experimental warning of Node 22 does not reach the user, any other does', async () => {
  const { stdout, stderr } = await runNode('load-with-warnings', [place()])
  expect(stdout.trim()).toBe('locked')
  expect(stderr).toContain('something else')
  expect(stderr).not.toContain('SQLite')
})

test.skipIf(process.getuid?.() !== 0)('root does not take over a file of another user', async () => {
  const path = temporaryDirectory()
  const file = join(path, 'refresh-tokens.json')
  writeFileSync(file, '{}', { mode: 0o600 })
  chownSync(file, nobody, nobody)
  const store = fileStore({ path })
  expect(await store.get(key)).toBeUndefined()
  await expect(store.update(key, async () => login('rt'))).rejects.toMatchObject({ code: 'STORE_PERMISSIONS' })
  expect(statSync(file).uid).toBe(nobody)
})
