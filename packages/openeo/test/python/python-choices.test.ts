import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { absent, pythonChoices } from './python-choices.ts'

test.skipIf(absent)(
  'the openEO Python client (peer) chooses as it did when its choices were recorded',
  { timeout: 600_000 },
  () => {
    const recorded = readFileSync(new URL('./golden/choices.json', import.meta.url), 'utf8')
    expect(pythonChoices()).toEqual(JSON.parse(recorded))
  },
)
