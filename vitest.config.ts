import { defineConfig } from 'vitest/config'
import { closingReporter } from './scripts/ci/closing-reporter.ts'

// Crowds of 64 instead of 16 and 200 kills instead of 40: `.ci/run` asks for it.
const full = process.env['LATCHKEY_SCALE'] === 'full'

const config: ReturnType<typeof defineConfig> = defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'scripts/**/*.test.ts'],
    globalSetup: ['scripts/ci/test-home.ts', 'scripts/ci/keycloak.ts'],
    reporters: ['default', closingReporter()],
    // A test that needs the one before it is a defect; the seed is printed.
    sequence: { shuffle: { tests: true, files: false } },
    testTimeout: full ? 600_000 : 30_000,
    hookTimeout: full ? 120_000 : 30_000,
    pool: 'forks',
    // Most of the time is spent waiting for processes and servers: more workers than the default of cores less one.
    maxWorkers: 3,
    allowOnly: process.env['CI'] === undefined,
    expect: { requireAssertions: true },
  },
})
export default config
