import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../command.ts'
import { lockfileFaults } from '../lockfile.ts'

const ours = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')
const edited = (from: string | RegExp, to: string): string[] => {
  const text = ours.replace(from, to)
  if (text === ours) throw new Error('the edit changed nothing')
  return lockfileFaults(text)
}

test('our lockfile has no fault', () => {
  expect(lockfileFaults(ours)).toEqual([])
})

test.each([
  [
    'a weaker hash',
    /integrity: sha512-[^}]*/,
    'integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=',
    /has no sha512 integrity/,
  ],
  ['no hash', /resolution: \{integrity: [^}]*\}/, 'resolution: {}', /has no sha512 integrity/],
  ['a tarball address', /(resolution: \{integrity: [^}]*)\}/, '$1, tarball: https://mirror.example/x.tgz}', /address/],
  ['a git address', 'version: 24.19.2', 'version: git+ssh://git@forge.example/x/y.git#abc', /address/],
  ['a Mac without turbo', /'@turbo\/darwin-arm64@/g, "'@turbo/darwin-arm65@", /^@turbo\/darwin-arm64 is missing$/],
  ['another format', "lockfileVersion: '9.0'", "lockfileVersion: '10.0'", /not a lockfile of format 9.0/],
])('%s is a fault', (_name, from, to, fault) => {
  expect(edited(from, to).join('\n')).toMatch(new RegExp(fault.source, 'm'))
})
