import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAuthError } from '@latchkey/core'
import { clearRefreshTokens, fileStore } from '@latchkey/file-store'
import { describe, expect, onTestFinished, test } from 'vitest'
import { key, login, pythonWrites, rotateTo, tokensIn } from './support/example.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

function place(content: string | Buffer, mode = 0o600, finished = onTestFinished): { path: string; file: string } {
  const path = temporaryDirectory(finished)
  const file = join(path, 'refresh-tokens.json')
  writeFileSync(file, content)
  chmodSync(file, mode)
  return { path, file }
}

const entry = (value: string): string => `{"${key.issuer}": {"${key.clientId}": ${value}}}`

describe('a file that cannot be understood is refused with path and offset, and left as it is', () => {
  // Side by side: each is waited for, in case somebody is writing it.
  test.concurrent.for([
    ['empty', '', 'it is empty'],
    ['cut off', '{"https://iam.example.org": {"a-scr', 'byte 29 of 35'],
    ['followed by more', '{}\n{}', 'byte 3 of 5'],
    ['no UTF-8', Buffer.from('{"a": "\xff"}', 'latin1'), 'not UTF-8 at byte 7'],
    [
      'no UTF-8 after a genuine replacement character',
      Buffer.concat([Buffer.from('{"\ufffd": "'), Buffer.from([0xc3])]),
      'at byte 9',
    ],
    ['an array', '[]', 'no object'],
    ['null', 'null', 'no object'],
    ['a string', '"x"', 'no object'],
    ['a number', '1', 'no object'],
    ['nested 10,000 deep', '{"a":'.repeat(10_000), 'nested too deeply'],
  ] as const)('%s', async ([, content, says], { expect, onTestFinished }) => {
    const { path, file } = place(content, 0o600, onTestFinished)
    const store = fileStore({ path })
    const refusal = { code: 'STORE_UNREADABLE', message: expect.stringContaining(says) }
    const results = await Promise.allSettled([store.get(key), store.update(key, async () => login('rt'))])
    expect(results.map((result) => result.status === 'rejected' && result.reason)).toMatchObject([refusal, refusal])
    expect(
      results.map((result) => result.status === 'rejected' && String(result.reason.message).includes(file)),
    ).toEqual([true, true])
    expect(readFileSync(file)).toEqual(Buffer.from(content))
    expect(await clearRefreshTokens({ path })).toBe(true)
    expect(await store.get(key)).toBeUndefined()
  })

  test('100 MB are refused by their size', async () => {
    const { path, file } = place('')
    truncateSync(file, 100 * 1024 * 1024)
    await expect(fileStore({ path }).get(key)).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining('larger than'),
    })
    expect(statSync(file).size).toBe(100 * 1024 * 1024)
  })

  test('a FIFO does not hang, a directory is said to be one', async () => {
    const path = temporaryDirectory()
    const fifo = join(path, 'fifo')
    spawnSync('mkfifo', ['-m', '600', fifo])
    await expect(fileStore({ path: fifo }).get(key)).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining('not a regular file'),
    })
    mkdirSync(join(path, 'refresh-tokens.json'))
    await expect(fileStore({ path }).get(key)).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining('a directory'),
    })
    await expect(fileStore({ path }).update(key, async () => login('rt'))).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
    })
  })

  test('a value that is no object where clients belong is not replaced', async () => {
    const { path, file } = place(`{"${key.issuer}": ["something"]}`)
    const store = fileStore({ path })
    expect(await store.get(key)).toBeUndefined()
    await expect(store.update(key, async () => login('rt'))).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
    expect(readFileSync(file, 'utf8')).toBe(`{"${key.issuer}": ["something"]}`)
  })
})

describe('what the openEO client takes for no login is none, and is replaced by one', () => {
  test.each([
    ['an entry that is a string', entry('"x"')],
    ['a token that is null', entry('{"refresh_token": null}')],
    ['a token that is a number', entry('{"refresh_token": 1}')],
    ['an issuer that is null', `{"${key.issuer}": null}`],
    ['another issuer', '{"https://other": {}}'],
  ])('%s', async (_, content) => {
    const { path, file } = place(content)
    const store = fileStore({ path })
    expect(await store.get(key)).toBeUndefined()
    await store.update(key, async () => login('rt'))
    expect(tokensIn(file)[key.issuer]).toEqual({ [key.clientId]: 'rt' })
  })
})

describe('what Python writes and editors leave is read', () => {
  test('of two equal keys the last one counts, and is written once', async () => {
    const { path, file } = place(entry('{"refresh_token": "first"}, "a-script": {"refresh_token": "last"}'))
    const store = fileStore({ path })
    expect((await store.get(key))?.refreshToken).toBe('last')
    await store.update({ ...key, clientId: 'other' }, async () => login('rt'))
    expect(readFileSync(file, 'utf8').match(/a-script/g)).toHaveLength(1)
  })
  test('a byte order mark is read and not written again', async () => {
    const { path, file } = place(`\ufeff${entry('{"refresh_token": "rt"}')}`)
    const store = fileStore({ path })
    expect((await store.get(key))?.refreshToken).toBe('rt')
    await store.update({ ...key, clientId: 'other' }, async () => login('rt'))
    expect(readFileSync(file)[0]).toBe('{'.charCodeAt(0))
  })
  test('NaN, CRLF and escapes', async () => {
    const { path } = place(`{"x": NaN,\r\n "${key.issuer}": {"a-script": {"refresh_token": "t\\u00f6k"}}}`)
    expect((await fileStore({ path }).get(key))?.refreshToken).toBe('tök')
    expect(fileStore({ path }).peek(key)?.refreshToken).toBe('tök')
  })
  test('everything else in the file stays where and what it is', async () => {
    const { path, file } = place(
      `{"2": 1.0, "10": {"__proto__": {"a": 1e400}}, "${key.issuer}": {"z": 1, "a-script": {"refresh_token": "rt-1", "extra": 1}, "1": []}}`,
    )
    await fileStore({ path }).update(key, rotateTo('rt-2'))
    expect(
      readFileSync(file, 'utf8')
        .replace(/\s+/g, '')
        .replace(/"date":"[^"]*"/, '"date":""'),
    ).toBe(
      `{"2":1.0,"10":{"__proto__":{"a":Infinity}},"${key.issuer}":{"z":1,"a-script":{"date":"","refresh_token":"rt-2"},"1":[]}}`,
    )
  })
  test('a file that a writer is busy with is waited for', async () => {
    const { path, file } = place('')
    const read = fileStore({ path }).get(key)
    setTimeout(() => pythonWrites(file, { [key.issuer]: { [key.clientId]: 'rt' } }), 30)
    expect((await read)?.refreshToken).toBe('rt')
  })
  test('a file that was made a moment ago and is about to be closed to others is waited for', async () => {
    const { path, file } = place(entry('{"refresh_token": "rt"}'), 0o644)
    const read = fileStore({ path }).get(key)
    setTimeout(() => chmodSync(file, 0o600), 30)
    expect((await read)?.refreshToken).toBe('rt')
  })
})

describe('permissions', () => {
  test.concurrent.for([0o644, 0o640, 0o660, 0o604, 0o601])(
    'mode %o is refused for reading and writing, in the words of the openEO client',
    async (mode, { expect, onTestFinished }) => {
      const { path, file } = place('{}', mode, onTestFinished)
      const store = fileStore({ path })
      const results = await Promise.allSettled([store.get(key), store.update(key, async () => login('rt'))])
      const says = `File ${file} could be readable by others: mode ${mode.toString(8)} (expected: 600).`
      expect(
        results.map(
          (result) =>
            result.status === 'rejected' &&
            isAuthError(result.reason) && [result.reason.code, result.reason.message.startsWith(says)],
        ),
      ).toEqual([
        ['STORE_PERMISSIONS', true],
        ['STORE_PERMISSIONS', true],
      ])
      expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['{}', mode])
    },
  )
  test.each([0o000, 0o077, 0o777])('with umask %o everything is made for us alone', (mask) => {
    const path = temporaryDirectory()
    const program = `
      process.umask(${mask})
      const { fileStore } = await import('@latchkey/file-store')
      const store = fileStore({ path: ${JSON.stringify(path)} })
      const key = { issuer: 'i', clientId: 'c' }
      await store.update(key, async () => ({ refreshToken: 'a', tokens: {} }))
      await store.update(key, async (current, lease) => { await (await lease.spend('a', ''))('{}'); return current && { ...current } })
      console.log((await store.get(key)).refreshToken)`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
    })
    expect([stdout.toString().trim(), stderr.toString()]).toEqual(['a', ''])
    const list = spawnSync('find', [path, '-mindepth', '1', '-printf', '%y%m\n']).stdout.toString().trim().split('\n')
    expect(new Set(list)).toEqual(new Set(['d700', 'f600']))
    expect(list).toHaveLength(6)
  })
})
