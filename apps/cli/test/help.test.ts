import { describe, expect, it } from 'vitest'
import { commandHelp } from '../src/command-help.ts'
import { type CommandName, commands } from '../src/commands.ts'
import { helpFlag } from '../src/flags.ts'

const names = (Object.keys(commands) as CommandName[]).filter((name) => commands[name].aliasOf === undefined)

describe('the help of a command', () => {
  it.each(names)('of %s fits a screen of 24 lines and 80 columns, and has an example', async (name) => {
    const { flags, ...command } = await commands[name].load()
    const grammar = { name: `auth ${name}`, operands: command.operands, flags: { ...flags, ...helpFlag } }
    const lines = commandHelp(grammar, { ...command, flags })
      .trimEnd()
      .split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    // One line is left for the prompt.
    expect(lines.length).toBeLessThanOrEqual(23)
    const shown = lines.slice(lines.indexOf('Examples:'))
    expect(shown.join('\n')).toMatch(new RegExp(`^Examples:\\n[^]*${name}`))
  })
})
