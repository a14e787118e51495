import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import { allowedSkips } from './allowed-skips.ts'
import { absentPeers } from './peers.ts'

/** What a run came to. A file that cannot be loaded, a failed hook and an unhandled error each count as one failed test. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly string[]
}

/** Counts a run, from what vitest knows of each module. */
export function countsOf(modules: readonly TestModule[], unhandled: number): Counts {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const inState = (state: string): typeof tests => tests.filter((test) => test.result().state === state)
  const broken = modules.flatMap((module) => [module, ...module.children.allSuites()]).flatMap((part) => part.errors())
  return {
    passed: inState('passed').length,
    // A test that never got a result was lost, and lost is not passed.
    failed: inState('failed').length + inState('pending').length + broken.length + unhandled,
    skipped: inState('skipped').map((test) => `${test.module.relativeModuleId} > ${test.fullName}`),
  }
}

function complaints(counts: Counts): string[] {
  const absent = absentPeers().map(({ name }) => `peer absent: ${name}`)
  const skipped = counts.skipped.filter((name) => !allowedSkips.some(([part]) => name.includes(part)))
  const nothing = counts.passed === 0 ? ['no test ran'] : []
  return [...absent, ...skipped.map((name) => `skipped: ${name}`), ...nothing]
}

/**
 * Says at the end of a run which peers were absent.
 * With `LATCHKEY_REQUIRE_PEERS=1` an absent peer or a skipped test fails the run; with `LATCHKEY_COUNTS=FILE` the counts are written there as JSON.
 */
export function closingReporter(): Reporter {
  const strict = process.env['LATCHKEY_REQUIRE_PEERS'] === '1'
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const counts = countsOf([...modules], unhandledErrors.length)
      const lines = strict
        ? complaints(counts)
        : absentPeers().map(({ name, without }) => `Not here: ${name}. Not tested: ${without}.`)
      for (const line of lines) console.log(line)
      if (strict && lines.length > 0) process.exitCode = 1
      const file = process.env['LATCHKEY_COUNTS']
      if (file === undefined) return
      const failed = counts.failed + (strict ? lines.length : 0)
      writeFileSync(file, JSON.stringify({ ...counts, failed }))
    },
  }
}
