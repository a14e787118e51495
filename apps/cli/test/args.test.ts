import { describe, expect, it } from 'vitest'
import { type Grammar, parseArguments } from '../src/args.ts'
import { UsageError } from '../src/usage-error.ts'

const grammar: Grammar = {
  name: 'auth demo',
  operands: ['ISSUER'],
  flags: {
    json: { help: '' },
    force: { help: '', short: 'f' },
    pkce: { help: '', negatable: true },
    'client-id': { help: '', value: 'ID' },
  },
}

const parse = (...words: string[]): object => {
  const { operands, values, switches } = parseArguments(words, grammar)
  return { operands, values: Object.fromEntries(values), switches: Object.fromEntries(switches) }
}

function fault(...words: string[]): UsageError {
  try {
    parseArguments(words, grammar)
  } catch (error) {
    if (error instanceof UsageError) return error
  }
  throw new Error(`${words.join(' ')} was understood`)
}

describe('arguments', () => {
  it('stand in any order, with values behind a space or an equals sign', () => {
    const expected = { operands: ['x'], values: { 'client-id': 'a=b' }, switches: { json: true } }
    expect(parse('--json', 'x', '--client-id', 'a=b')).toEqual(expected)
    expect(parse('--client-id=a=b', '--json', 'x')).toEqual(expected)
  })

  it('turn switches on and off, by one letter too', () => {
    expect(parse('-f', '--no-pkce')).toMatchObject({ switches: { force: true, pkce: false } })
    expect(fault('--pkce', '--no-pkce').message).toContain('contradict')
    expect(fault('--no-json').message).toBe('There is no option --no-json.')
  })

  it('are all operands behind --', () => {
    expect(parse('--', '--json')).toMatchObject({ operands: ['--json'], switches: {} })
  })

  it('take a value that begins with dashes only behind an equals sign', () => {
    expect(fault('--client-id', '--json').message).toContain('--client-id needs a value')
    expect(parse('--client-id=--json')).toMatchObject({ values: { 'client-id': '--json' } })
  })

  it.each([
    [['--client-id'], '--client-id needs a value: --client-id=ID.'],
    [['--client-id', ''], '--client-id needs a value: --client-id=ID.'],
    [['--client-id=a', '--client-id=b'], '--client-id is given twice.'],
    [['--json=yes'], '--json takes no value.'],
    [['one', 'two'], 'This command takes at most one ISSUER.'],
    [[''], 'The ISSUER is empty.'],
    [['-x'], 'There is no option -x.'],
    [['--constructor'], 'There is no option --constructor.'],
  ])('%j are refused', (words, message) => {
    expect(fault(...words).message).toBe(message)
  })

  it('that are unknown come with the words that are known', () => {
    expect(fault('--jsno').help).toEqual({
      see: 'auth demo',
      typed: '--jsno',
      words: ['--json', '--force', '--pkce', '--no-pkce', '--client-id'],
    })
  })

  it.each(['--client-secret', '--password', '--token'])(
    '%s is refused, with where a secret may stand, without repeating it',
    (flag) => {
      for (const words of [[flag, 'hunter2'], [`${flag}=hunter2`]]) {
        const { message } = fault(...words)
        expect(message).toContain('--client-secret-file')
        expect(message).toContain('LATCHKEY_CLIENT_SECRET')
        expect(message).not.toContain('hunter2')
      }
    },
  )

  it('of unknown options are not repeated', () => {
    expect(fault('--pasword=hunter2').message).not.toContain('hunter2')
  })

  describe('of the openEO commands', () => {
    const flags = {
      'show-secrets': { help: '' },
      'no-try': { help: '' },
      'password-file': { help: '', value: 'FILE' },
      'password-stdin': { help: '' },
      'client-id': { help: '', value: 'ID' },
      'client-secret-file': { help: '', value: 'FILE' },
    }
    const openeo: Grammar = { name: 'auth demo', operands: [], flags, prefixes: true }
    const message = (...words: string[]): string => {
      try {
        return JSON.stringify([...parseArguments(words, openeo).switches.keys()])
      } catch (error) {
        return (error as Error).message
      }
    }

    it('may be cut short where one alone begins so', () => {
      const { switches, values } = parseArguments(['--show', '--no', '--c=x'], openeo)
      expect([...switches.keys(), ...values]).toEqual(['show-secrets', 'no-try', ['client-id', 'x']])
    })

    it.each([
      ['--pass', 'There is no option --pass.'],
      ['--client-s=hunter2', 'There is no option --client-s.'],
      ['--password=hunter2', '--password-file FILE'],
      ['--client-secret=hunter2', '--client-secret-file FILE'],
    ])('but not %s: who begins a secret may mean the secret itself', (word, expected) => {
      expect(message(word)).toContain(expected)
      expect(message(word)).not.toContain('hunter2')
    })
  })
})
