// Locks where loading SQLite warns as Node 22 does.
import { writeSync } from 'node:fs'
import { tryLock } from '../../src/lock.ts'

const load = process.getBuiltinModule.bind(process)
process.getBuiltinModule = (name: string) => {
  process.emitWarning('SQLite is an experimental feature and might change at any time', 'ExperimentalWarning')
  process.emitWarning('something else', 'ExperimentalWarning')
  return load(name) as never
}

tryLock(process.argv[2] ?? '')
writeSync(1, 'locked\n')
