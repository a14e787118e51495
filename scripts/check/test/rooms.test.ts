import { expect, test } from 'vitest'
import { importFault, importsOf } from '../rooms.ts'

test('an import is found in each form it can take', () => {
  const text = [
    "import { one } from 'a'",
    "import type { Two } from 'b'",
    "import 'c'",
    "} from 'd'",
    "export * from 'e'",
    "const three = await import('f')",
    "type Four = import('g').Four",
    " * import { five } from 'h'",
    "// import 'i'",
  ].join('\n')
  expect(importsOf(text).map(({ specifier }) => specifier)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
})

test.each([
  ['packages/core/src/client/client.ts', '../errors.ts'],
  ['packages/core/src/issuer/oauth.ts', 'oauth4webapi'],
  ['packages/file-store/src/lock.ts', 'node:sqlite'],
  ['packages/core/test/session.test.ts', '@latchkey/testkit'],
  ['packages/core/test/session.test.ts', '../src/session/session.ts'],
  ['examples/demo/main.ts', '@latchkey/core'],
])('%s may import %s', (file, specifier) => {
  expect(importFault(file, specifier)).toBeUndefined()
})

test.each([
  ['packages/core/src/client/client.ts', 'node:crypto'],
  ['packages/core/src/client/client.ts', 'jose'],
  ['packages/core/src/client/client.ts', '../../../fetch/src/index.ts'],
  ['packages/core/src/client/client.ts', '../../test/builders.ts'],
  ['packages/fetch/src/with-auth.ts', '@latchkey/file-store'],
  ['packages/fetch/src/with-auth.ts', '@latchkey/core/src/errors.ts'],
  ['packages/fetch/test/with-auth.test.ts', '../../core/src/errors.ts'],
  ['packages/unheard-of/src/index.ts', '@latchkey/core'],
  ['bench/main.ts', '../packages/core/src/index.ts'],
])('%s may not import %s', (file, specifier) => {
  expect(importFault(file, specifier)).toEqual(expect.any(String))
})
