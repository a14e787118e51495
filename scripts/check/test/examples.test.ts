import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { root } from '../command.ts'

const programs = globSync('examples/*.ts', { cwd: root })

describe('the examples', () => {
  test('are there, one for each HTTP client and one for each way to openEO', () => {
    const names = programs.map((program) => program.replace(/^.*[/\\]|\.ts$/g, ''))
    const clients = ['axios', 'fetch', 'got', 'undici', 'openeo-job', 'openeo-js-client']
    expect(names).toEqual(expect.arrayContaining([...clients, 'dpop', 'opentelemetry', 'own-cli']))
  })

  test.each(programs)('%s runs to its end and complains of nothing', (program) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { cwd: root, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('\n').length).toBeGreaterThan(2)
  })
})
