// Takes the lock named first, says so, and keeps it until it is ended. `gc`: collects garbage first. `child`: leaves a child behind.

import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { tryLock } from '../../src/lock.ts'

const [path = '', ...modes] = process.argv.slice(2)

function take(): string {
  return tryLock(path) === undefined ? 'busy' : 'held'
}

try {
  let said = take()
  if (modes.includes('gc')) for (let round = 0; round < 5; round++) (globalThis as { gc?: () => void }).gc?.()
  if (modes.includes('child')) said += ` child ${spawn('sleep', ['20'], { stdio: 'ignore', detached: true }).pid}`
  writeSync(1, `${said}\n`)
  setTimeout(() => {}, modes.includes('once') ? 0 : 60_000)
} catch (error) {
  writeSync(1, `${(error as { code?: string }).code}: ${(error as Error).message}\n`)
}
