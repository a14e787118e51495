import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { carryOver } from '../src/left-behind.ts'
import { findPlace, makePlace, type Place } from '../src/place.ts'
import { type JsonObject, parsePythonJson } from '../src/python-json.ts'
import { pythonJsonText } from '../src/python-text.ts'
import { editFile } from '../src/replace-file.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

function place(content?: string): Place {
  const path = temporaryDirectory()
  if (content !== undefined) writeFileSync(join(path, 'f.json'), content, { mode: 0o600 })
  return makePlace('data', 'f.json', { path: join(path, 'f.json') })
}

const set = (name: string) => (document: JsonObject) => document.set(name, 'ours') !== undefined
const content = ({ file }: Place): unknown => JSON.parse(readFileSync(file, 'utf8'))

test('what is written between our read and our rename is merged, not replaced', async () => {
  const here = place('{"a": "old"}')
  let rounds = 0
  await editFile(here, 'f.lock', (document) => {
    if (rounds++ === 0) writeFileSync(here.file, '{"a": "old", "theirs": "new"}')
    return set('b')(document)
  })
  expect([rounds, content(here)]).toEqual([2, { a: 'old', theirs: 'new', b: 'ours' }])
})

test('a file that appears where there was none is merged too', async () => {
  const here = place()
  let rounds = 0
  await editFile(here, 'f.lock', (document) => {
    if (rounds++ === 0) writeFileSync(here.file, '{"theirs": "new"}', { mode: 0o600 })
    return set('b')(document)
  })
  expect([rounds, content(here)]).toEqual([2, { theirs: 'new', b: 'ours' }])
})

/** A writer that opened the file before it was replaced, and writes once it was. */
function lateWriter(path: string, text: string): Promise<void> {
  const descriptor = openSync(path, 'r+')
  const before = statSync(path).ino
  return new Promise((resolve) => {
    const look = (): void => {
      if (statSync(path).ino === before) return void setImmediate(look)
      ftruncateSync(descriptor, 0)
      setTimeout(() => {
        writeSync(descriptor, text, 0)
        closeSync(descriptor)
        resolve()
      }, 20)
    }
    setImmediate(look)
  })
}

test('what is written into the file that we replaced is carried over, once it is whole', async () => {
  const here = place('{"a": {"x": "old", "y": "old"}, "gone": 1}')
  let late: Promise<void> | undefined
  await editFile(here, 'f.lock', (document) => {
    late ??= lateWriter(here.file, '{"a": {"x": "new", "y": "old", "z": "new"}, "gone": 1}')
    return set('b')(document)
  })
  await late
  expect(content(here)).toEqual({ a: { x: 'new', y: 'old', z: 'new' }, gone: 1, b: 'ours' })
})

test('a writer who was killed with the replaced file empty costs nothing: ours is in place', async () => {
  const here = place('{"a": "old"}')
  const descriptor = openSync(here.file, 'r+')
  const inode = statSync(here.file).ino
  const truncate = (): void => {
    if (statSync(here.file).ino === inode) setImmediate(truncate)
    else ftruncateSync(descriptor, 0)
  }
  setImmediate(truncate)
  await editFile(here, 'f.lock', set('b'))
  closeSync(descriptor)
  expect(content(here)).toEqual({ a: 'old', b: 'ours' })
})

test('a writer who is held up between finding the old file and truncating it is found later, without the lock', async () => {
  const here = place('{"a": {"x": "old"}}')
  const descriptor = openSync(here.file, 'r+')
  await editFile(here, 'f.lock', set('b'))
  // All that editFile does under its lock is done, and the writer still has not begun.
  ftruncateSync(descriptor, 0)
  writeSync(descriptor, '{"a": {"x": "new"}}', 0)
  closeSync(descriptor)
  await expect.poll(() => content(here)).toEqual({ a: { x: 'new' }, b: 'ours' })
})

test.skipIf(process.platform !== 'linux')('a replaced file that nobody writes to is let go of', async () => {
  const here = place('{}')
  const open = (): number => readdirSync('/proc/self/fd').length
  const before = open()
  for (let round = 0; round < 5; round++) await editFile(here, 'f.lock', set(`${round}`))
  await expect.poll(open).toBeLessThanOrEqual(before)
})

test('what came later than our write is not undone by what is carried over', () => {
  const document = (text: string): JsonObject => parsePythonJson(text) as JsonObject
  const into = document('{"i": {"ours": 2, "theirs": 2, "late": 3}}')
  const changed = carryOver(
    {
      original: document('{"i": {"ours": 1, "theirs": 1, "late": 1}}'),
      written: document('{"i": {"ours": 2, "theirs": 1, "late": 1}}'),
      theirs: document('{"i": {"ours": 1, "theirs": 5, "late": 0, "new": 5}}'),
    },
    into,
  )
  expect(changed).toBe(true)
  expect(JSON.parse(pythonJsonText(into))).toEqual({ i: { ours: 2, theirs: 2, late: 3, new: 5 } })
})

test('a change that changes nothing writes nothing', async () => {
  const here = place('{ "not": "as Python would write it" }')
  await editFile(here, 'f.lock', () => false)
  expect(readFileSync(here.file, 'utf8')).toBe('{ "not": "as Python would write it" }')
})

test('the file that an earlier process left half written is taken away', async () => {
  const here = place('{}')
  writeFileSync(join(here.directory, 'f.lock.tmp'), 'a copy of every login', { mode: 0o600 })
  await editFile(here, 'f.lock', set('b'))
  expect(readdirSync(here.directory)).toEqual(['f.lock'])
  expect(findPlace('data', 'f.json', { path: here.file })).toEqual(here)
})
