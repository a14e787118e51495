import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../src/commands.ts'
import { absent, pythonOutput } from './support/openeo-tool.ts'

const table = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'openeo-auth.md'), 'utf8')
const ours = Object.entries(commands).filter(([, { openeo }]) => openeo === true)

/** The part of the table that is about a command: its section, or the last one for what the openEO tool has not. */
function sectionOf(name: string): string {
  const sections = table.split(/^## /m)
  return sections.find((section) => section.split('\n')[0]?.includes(`\`${name}`)) ?? sections.at(-1) ?? ''
}

describe('docs/openeo-auth.md', () => {
  it.each(ours)('says of each option of %s whether it is the same', async (name, { load }) => {
    const section = sectionOf(name)
    expect(section).toContain(`\`${name}`)
    for (const [flag, { short }] of Object.entries((await load()).flags)) {
      expect(section).toContain(`--${flag}`)
      if (short !== undefined) expect(section).toContain(`\`-${short}\``)
    }
  })

  it('marks each row', () => {
    const rows = table.split('\n').filter((line) => line.startsWith('| ') && !/^\| (`openeo-auth`|---)/.test(line))
    expect(rows.length).toBeGreaterThan(60)
    for (const row of rows) expect(row).toMatch(/ \| (same|better|left out) \| /)
  })

  it.skipIf(absent)('has every option and message of the real tool (peer: openEO Python client)', () => {
    const words = JSON.parse(pythonOutput('openeo-auth-words.py')) as string[]
    expect(words).toEqual(
      expect.arrayContaining(['--username', 'token-clear', 'Using username {u!r}', 'does not exist']),
    )
    const parts = words.flatMap((text) => text.split(/\{[^}]*\}|\n/)).map((part) => part.trim())
    expect(parts.filter((part) => !table.includes(part))).toEqual([])
  })
})
