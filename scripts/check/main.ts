// `npm run check`: everything that can be said about the checkout without running its tests, one line a check.
import { treeState, unchangedTree } from './clean-tree.ts'
import { command, inTurn, type Outcome } from './command.ts'
import { lockfile } from './lockfile.ts'
import { importDirection } from './rooms.ts'
import { tarballs } from './tarballs.ts'

const before = await treeState()

const checks: readonly (readonly [name: string, check: () => Outcome | Promise<Outcome>])[] = [
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

let failed = 0
for (const [name, check] of checks) {
  const start = performance.now()
  const { ok, output } = await check()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(18)} ${seconds.padStart(5)} s`)
  if (!ok) console.log(output)
  if (!ok) failed++
}
console.log(failed === 0 ? `${checks.length} checks passed` : `${failed} of ${checks.length} checks failed`)
process.exitCode = failed === 0 ? 0 : 1
