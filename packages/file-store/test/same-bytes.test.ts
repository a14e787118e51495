import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonClient } from '@latchkey/testkit'
import { describe, type ExpectStatic, type onTestFinished, test } from 'vitest'
import { type Operation, type Operator, ourOperator, pythonOperator } from './support/operations.ts'
import { sequence } from './support/sequence.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

// The openEO Python client and faketime; absent, these tests are skipped, and .ci/run fails (scripts/ci/peers.ts).
const { python } = pythonClient()
const probe = "import openeo; print('openeo-python-client ' + openeo.client_version())"
const { status, stdout } = spawnSync('faketime', ['-f', '2026-01-02 03:04:05', python, '-c', probe])
const createdBy = String(stdout).trim()
const seeds = process.env['LATCHKEY_SCALE'] === 'full' ? 40 : 4

type Dated = readonly [operation: Operation, at: string]
type Finished = typeof onTestFinished

const names = ['auth-config.json', 'refresh-tokens.json'] as const
const filesIn = (path: string): readonly (string | undefined)[] =>
  names.map((name) => (existsSync(join(path, name)) ? readFileSync(join(path, name), 'latin1') : undefined))

/** Keys that nobody knows and numbers that JavaScript would write otherwise: all of it has to survive. */
const foreign = `{"zebra": {"10": 1.0, "2": [1e400, -0, NaN, {}, []], "big": 12345678901234567890, "e": 1E5, "__proto__": {"a": "\\/\\u00E9"}},
 "backends": {"https://b.example.org": {"note": "kept", "basic": {"extra": 1, "username": "old", "password": "kept", "date": "x"}}}}`

/** A directory with the same beginnings as all others of one test. */
function begun(finished: Finished, withForeign: boolean): string {
  const path = temporaryDirectory(finished)
  if (withForeign) for (const name of names) writeFileSync(join(path, name), foreign, { mode: 0o600 })
  return path
}

async function play(dated: readonly Dated[], operators: readonly Operator[]): Promise<readonly unknown[]> {
  const answers: unknown[] = []
  for (const [index, [operation, at]] of dated.entries()) {
    answers.push(await operators[index % operators.length]?.act(operation, at))
  }
  await Promise.all(operators.map((operator) => operator.close()))
  return answers.map((answer, index) => (dated[index]?.[0][0].startsWith('get') ? answer : null))
}

/** The same operations by Python alone, by us alone, and by turns on one pair of files. */
async function allThree(
  dated: readonly Dated[],
  withForeign: boolean,
  { expect, finished }: { expect: ExpectStatic; finished: Finished },
): Promise<string> {
  const [theirs, ours, shared] = [0, 1, 2].map(() => begun(finished, withForeign)) as [string, string, string]
  const answers = await play(dated, [pythonOperator(python, theirs)])
  expect(await play(dated, [ourOperator(ours, createdBy)])).toEqual(answers)
  expect(await play(dated, [pythonOperator(python, shared), ourOperator(shared, createdBy)])).toEqual(answers)
  expect(filesIn(ours)).toEqual(filesIn(theirs))
  expect(filesIn(shared)).toEqual(filesIn(theirs))
  return theirs
}

const at = '2026-01-02 03:04:05'
const samples: Readonly<Record<string, readonly Dated[]>> = {
  'A and B': [
    [['basic', 'https://openeo.example.com/', 'john', 'j0hn123'], at],
    [
      ['oidc', 'https://openeo.example.com', 'egi', 'client-d7393fba', 's3cr3t', 'https://aai.egi.eu/auth/realms/egi'],
      '2026-01-03 00:00:00',
    ],
    [
      [
        'oidc',
        'https://openeo.example.com',
        'terrascope',
        null,
        null,
        'https://sso.terrascope.be/auth/realms/terrascope/',
      ],
      '2026-01-03 00:00:00',
    ],
  ],
  C: [
    [['token', 'https://aai.egi.eu/auth/realms/egi/', 'openeo-platform-default-client', 'eyJhbGciOi.x.y'], at],
    [['token', 'https://iam.example.org', 'client-é', 'tök\x7f'], at],
  ],
  D: ['b', '10', '2'].map((client, index) => [['token', 'i', client, String(index + 1)], at]),
}

describe
  .skipIf(status !== 0)
  .concurrent('the openEO Python client (peer) under the same clock (peer: faketime)', { timeout: 600_000 }, () => {
    test.for(Object.entries(samples))('sample %s has the same bytes', async ([, dated], { expect, onTestFinished }) => {
      await allThree(dated, false, { expect, finished: onTestFinished })
    })

    test.for(Array.from({ length: seeds }, (_, seed) => seed + 1))(
      'sequence %i of mixed operations leaves the same bytes, whoever does which',
      async (seed, { expect, onTestFinished }) => {
        await allThree(sequence(seed), seed % 2 === 0, { expect, finished: onTestFinished })
      },
    )

    test('without being told otherwise we differ in who created auth-config.json, and in nothing else', async ({
      expect,
      onTestFinished,
    }) => {
      const [theirs, ours] = [temporaryDirectory(onTestFinished), temporaryDirectory(onTestFinished)]
      await play(sequence(7), [pythonOperator(python, theirs)])
      await play(sequence(7), [ourOperator(ours)])
      const [config, tokens] = filesIn(ours)
      const [theirConfig, theirTokens] = filesIn(theirs)
      expect(config).toContain('"created_by": "@latchkey/file-store"')
      expect(config?.replace('@latchkey/file-store', createdBy)).toBe(theirConfig)
      expect(tokens).toBe(theirTokens)
    })

    test('the same refresh token again: Python gives it a new date, we write nothing', async ({
      expect,
      onTestFinished,
    }) => {
      const again: readonly Dated[] = [at, '2027-01-02 03:04:05'].map((date) => [['token', 'i', 'c', 'same'], date])
      const [theirs, ours] = [temporaryDirectory(onTestFinished), temporaryDirectory(onTestFinished)]
      await play(again, [pythonOperator(python, theirs)])
      await play(again, [ourOperator(ours)])
      expect(filesIn(theirs)[1]).toContain('2027-01-02T03:04:05Z')
      expect(filesIn(ours)[1]).toBe(filesIn(theirs)[1]?.replace('2027', '2026'))
    })
  })
