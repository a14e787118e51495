// `npm run check`: everything that can be said about the checkout without running its tests, one line a check.
import { treeState, unchangedTree } from './clean-tree.ts'
import { command, inTurn } from './command.ts'
import { lockfile } from './lockfile.ts'
import { type Check, report } from './report.ts'
import { importDirection } from './rooms.ts'
import { tarballs } from './tarballs.ts'

const before = await treeState()

const checks: readonly Check[] = [
  ['lint', () => command('oxlint', ['--type-aware', '--deny-warnings', '--report-unused-disable-directives'])],
  ['format', () => command('biome', ['check', '--colors=off', '.'])],
  ['import direction', importDirection],
  [
    'types',
    () =>
      inTurn([
        ['tsc', '-b'],
        ['tsc', '-p', 'tsconfig.test.json'],
      ]),
  ],
  ['unused code', () => command('knip', ['--no-progress', '--treat-config-hints-as-errors'])],
  ['lockfile', lockfile],
  ['build', () => command('turbo', ['run', 'build', '--output-logs=errors-only'])],
  ['tarballs', tarballs],
  ['unchanged tree', () => unchangedTree(before)],
]

process.exitCode = (await report(checks)) === 0 ? 0 : 1
