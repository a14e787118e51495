import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownDocument } from '@latchkey/file-store'
import { expect, test } from 'vitest'
import { temporaryDirectory } from './support/temporary-directory.ts'

test('a document of ours is made by the first edit, closed to others, and nothing is made by reading', async () => {
  const path = temporaryDirectory()
  const document = ownDocument('things', { path })
  expect(await document.read()).toBeUndefined()
  expect(readdirSync(path)).toEqual([])
  await document.edit((all) => Boolean(all.set('a', 'b')))
  const file = join(path, 'latchkey', 'things.json')
  expect(readFileSync(file, 'utf8')).toBe('{\n  "a": "b"\n}')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await document.read()).toEqual(new Map([['a', 'b']]))
})

test('edits of many at once all come in', async () => {
  const path = temporaryDirectory()
  const names = Array.from({ length: 12 }, (_, at) => `n${at}`)
  await Promise.all(names.map((name) => ownDocument('things', { path }).edit((all) => Boolean(all.set(name, name)))))
  expect([...((await ownDocument('things', { path }).read())?.keys() ?? [])].toSorted()).toEqual(names.toSorted())
})

test('an edit that changes nothing writes nothing, and what cannot be parsed is left as it is', async () => {
  const path = temporaryDirectory()
  const document = ownDocument('things', { path })
  await document.edit((all) => Boolean(all.set('a', 'b')))
  const file = join(path, 'latchkey', 'things.json')
  const { ino } = statSync(file)
  await document.edit(() => false)
  expect(statSync(file).ino).toBe(ino)
  writeFileSync(file, '{"half')
  await expect(document.edit((all) => all.delete('a'))).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
  expect(readFileSync(file, 'utf8')).toBe('{"half')
})

test('it stands beside the file that a link leads to', async () => {
  const path = temporaryDirectory()
  const elsewhere = temporaryDirectory()
  writeFileSync(join(elsewhere, 'refresh-tokens.json'), '{}', { mode: 0o600 })
  symlinkSync(join(elsewhere, 'refresh-tokens.json'), join(path, 'refresh-tokens.json'))
  await ownDocument('things', { path }).edit((all) => Boolean(all.set('a', true)))
  expect(readdirSync(join(elsewhere, 'latchkey'))).toContain('things.json')
})
