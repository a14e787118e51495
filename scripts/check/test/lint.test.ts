import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, root } from '../command.ts'

// One violation a rule: a limit that nothing can break is not a limit.
const violations: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['max-lines', 'packages/core/src/long.ts', '//\n'.repeat(301)],
  ['max-lines-per-function', 'packages/core/src/tall.ts', `export function tall() {\n${'  tall()\n'.repeat(60)}}\n`],
  ['max-params', 'packages/core/src/wide.ts', 'export const wide = (a, b, c, d, e) => [a, b, c, d, e]\n'],
  ['no-floating-promises', 'packages/core/src/float.ts', 'fetch("https://api.example")\n'],
  [
    'no-misused-promises',
    'packages/core/src/misuse.ts',
    'export const odd = (waits: () => Promise<boolean>) => (waits() ? 1 : 2)\n',
  ],
  [
    'switch-exhaustiveness-check',
    'packages/core/src/partial.ts',
    "export function first(word: 'a' | 'b') {\n  switch (word) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n",
  ],
  ['no-default-export', 'packages/core/src/default.ts', 'export default 1\n'],
  ['no-console', 'apps/cli/src/commands/loud.ts', "console.log('text')\n"],
  ['no-cycle', 'packages/core/src/hen.ts', "import { egg } from './egg.ts'\nexport const hen = () => egg\n"],
  ['no-nodejs-modules', 'packages/core/src/node.ts', "export { join } from 'node:path'\n"],
  ['no-restricted-globals', 'packages/fetch/src/buffer.ts', "export const bytes = Buffer.from('text')\n"],
  ['no-restricted-globals', 'packages/core/src/process.ts', 'export const home = process.env\n'],
  [
    'no-constant-condition',
    'packages/core/src/correctness.ts',
    'export const never = () => {\n  if (true) return 1\n}\n',
  ],
  ['no-unneeded-ternary', 'packages/core/src/suspicious.ts', 'export const yes = (a) => (a ? true : false)\n'],
]
const allowed: readonly (readonly [file: string, text: string])[] = [
  ['apps/cli/src/io.ts', "console.log('text')\n"],
  ['packages/core/src/egg.ts', "import { hen } from './hen.ts'\nexport const egg = () => hen\n"],
]

const compilerOptions = { strict: true, target: 'es2023', lib: ['es2023', 'dom'], module: 'nodenext', types: [] }

let folder: string
let output: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-lint-'))
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  for (const [file, text] of [...violations.map(([, file, text]) => [file, text] as const), ...allowed]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  output = (await command('oxlint', ['--type-aware', '--format=unix'], { cwd: folder })).output
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each(violations)('%s refuses %s', (rule, file) => {
  expect(output.split('\n').filter((line) => line.includes(file) && line.includes(rule))).not.toEqual([])
})

test('the terminal of the command-line tool may print', () => {
  expect(output).not.toContain('apps/cli/src/io.ts')
})
