import { describe, expect, it } from 'vitest'
import { visitText } from '../src/commands/oidc-auth.ts'
import { durationText } from '../src/duration.ts'
import { jsonText } from '../src/json-text.ts'
import { near } from '../src/near.ts'
import { dumpHeader, fileWords, pythonList, pythonRepr } from '../src/python-words.ts'
import { quoted } from '../src/quoted.ts'
import { terminalText } from '../src/terminal-text.ts'

describe('near words', () => {
  it.each([
    ['tokn', ['token', 'login'], ['token']],
    ['lgoin', ['token', 'login'], ['login']],
    ['--show', ['--show-secrets', '--json'], ['--show-secrets']],
    ['stat', ['status', 'token'], ['status']],
    ['zebra', ['token', 'login'], []],
    ['', ['token'], []],
  ])('of %j in %j are %j', (typed, words, expected) => {
    expect(near(typed, words)).toEqual(expected)
  })
})

describe('text for a terminal', () => {
  it('spells out what a terminal acts on, and leaves the rest', () => {
    expect(terminalText('a\u001b]0;x\u0007\u202eb\u009b\nü€')).toBe('a\\u001b]0;x\\u0007\\u202eb\\u009b\\u000aü€')
  })

  it('spells out what nobody sees: two names that look alike are two', () => {
    expect(terminalText('mar\u200bie\u00ad\u{e0041}\u{f8ff}\ud800')).toBe('mar\\u200bie\\u00ad\\u{e0041}\\uf8ff\\ud800')
    expect(terminalText('Zoë 李 🙂')).toBe('Zoë 李 🙂')
  })

  it('of JSON is ASCII, and reads back the same', () => {
    const value = { a: '\u202e\u009bé\n' }
    expect(jsonText(value)).toMatch(/^[\x20-\x7e\n]*$/)
    expect(JSON.parse(jsonText(value))).toEqual(value)
  })
})

describe('words of the openEO tool', () => {
  it('pad the header of a dump to 80 columns, counted in code points', () => {
    expect(dumpHeader('/a')).toBe(`### /a ${'#'.repeat(73)}`)
    expect(Array.from(dumpHeader('/😀')).length).toBe(80)
    expect(dumpHeader('/'.repeat(90))).toBe(`### ${'/'.repeat(90)} `)
  })

  it('describe a file by its mode and size', () => {
    expect(fileWords({ mode: 0o600, size: 357 })).toBe('perms: 0o600, size: 357B')
    expect(fileWords({})).toBe('does not exist')
  })
})

describe('repr of Python', () => {
  it.each([
    ['plain', "'plain'"],
    ["it's", `"it's"`],
    [`both ' and "`, `'both \\' and "'`],
    ['C:\\Users', "'C:\\\\Users'"],
    ['ü€😀', "'ü€😀'"],
    ['\n\r\t\u001b\u007f\u009b', "'\\n\\r\\t\\x1b\\x7f\\x9b'"],
    ['\u00a0\u200e\u2028\ufeff', "'\\xa0\\u200e\\u2028\\ufeff'"],
    ['\u{e0001}\ud800', "'\\U000e0001\\ud800'"],
    [undefined, 'None'],
  ])('of %j is %s', (text, repr) => {
    expect(pythonRepr(text)).toBe(repr)
  })

  it('of a list has it of each', () => {
    expect(pythonList(['a', "b'"])).toBe(`['a', "b'"]`)
  })
})

describe('a word in a command to paste', () => {
  it('is quoted where a shell would act on it', () => {
    expect(quoted('https://a.b/c')).toBe('https://a.b/c')
    expect(quoted("it's $HOME")).toBe(`'it'\\''s $HOME'`)
  })
})

describe('a time span', () => {
  it.each([
    [0, '0 s'],
    [119_000, '119 s'],
    [240_000, '4 min'],
    [3 * 3_600_000, '3 h'],
    [12 * 86_400_000, '12 days'],
    [-5, '0 s'],
  ])('of %i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})

describe('the device prompt', () => {
  const prompt = { verificationUri: 'https://i.test/device', userCode: 'AB\u001b[2J', expiresAt: 600_000 }

  it('of the openEO tool has the code in it once', () => {
    expect(visitText(prompt)).toBe("Visit https://i.test/device and enter user code 'AB\\x1b[2J' to authenticate.\n")
    const verificationUriComplete = 'https://i.test/device?user_code=AB\u001b[2J'
    expect(visitText({ ...prompt, verificationUriComplete })).toBe(
      'Visit https://i.test/device?user_code=AB\\u001b[2J to authenticate.\n',
    )
  })
})
