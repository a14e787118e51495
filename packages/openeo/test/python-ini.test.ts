import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePythonIni } from '../src/python-ini.ts'

const reader = `
import configparser, io, json, sys
def read(text):
    parser = configparser.ConfigParser()
    try:
        parser.read_file(io.StringIO(text, newline=None))
        return {section: dict(parser.items(section)) for section in parser.sections()}
    except configparser.Error:
        return None
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
`

type Read = Readonly<Record<string, Readonly<Record<string, string>>>> | null

const absent = spawnSync('python3', ['-c', 'import configparser']).status !== 0

/** One process for all of them. */
function pythonReads(texts: readonly string[]): readonly Read[] {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', reader], {
    input: JSON.stringify(texts),
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(String(stderr))
  return JSON.parse(String(stdout)) as readonly Read[]
}

function weRead(text: string): Read {
  try {
    return Object.fromEntries([...parsePythonIni(text)].map(([name, options]) => [name, Object.fromEntries(options)]))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** A value that names another, so many times on end. */
const chain = (links: number): string =>
  `[a]\n${Array.from({ length: links }, (_, at) => `x${at} = %(x${at + 1})s`).join('\n')}\nx${links} = %%\n`

const written = [
  '',
  '[Connection]\ndefault_backend = https://openeo.example.org/x;y#z\nAuto_Authenticate: oidc\n',
  '[General]\n# a comment\n  ; another\nverbose = "print"\n',
  '[DEFAULT]\nbase = openeo.example.org\n[Connection]\ndefault_backend = https://%(base)s/1.2\n',
  '[a]\nx = one\n  two\n\n  three\n# comment\n  four\ny = 1\n',
  '[a]\nx = 1\nX = 2\n',
  '[a]\n[a]\n',
  '[DEFAULT]\nx=1\n[DEFAULT]\ny=2\n[a]\n',
  'x = 1\n',
  '[a]\nno delimiter\n',
  '[a]\n= value\n',
  '[a]\nx = 100%\n',
  '[a]\nx = 100%%\ny = %(x)s\nz = %%(x)s\n',
  '[a]\nx = %(x)s\n',
  '[a]\nx = %(nothing)s\n',
  '[a] trailing\nx : y = z\nempty =\n',
  '[]\nx = 1\n',
  '  [a]\n  x = 1\n    more\n y = 2\n',
  '[a]\r\nx = 1\r\n  2\r[b]\ry=3',
  '[a]]\nx=1\n',
  '\ufeff[a]\nx=1\n',
  '[a]\nx = 1\u2028y = 2\u0085\n\u00a0z = 3\n',
  '[a]\nConnection.default_backend = odd\n',
  ...[8, 9, 10, 11].map(chain),
]

const word = fc.constantFrom('a', 'B', 'base', 'Base', 'x.y', 'ß', 'é', 'DEFAULT', '[b', ']', '0')
const value = fc.constantFrom(
  'v',
  'https://a.example/x?y=1',
  '%(base)s',
  '%(a)s',
  '%(Missing)s',
  '%%',
  '%',
  '50%',
  'a ; b',
  'a # b',
  '"q"',
  "'",
  '',
  '%(base)s/%(a)s',
  '= x',
  ': y',
  '[c]',
)
const gap = fc.constantFrom('', ' ', '  ', '\t', '\u00a0')
const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(gap, word, gap, fc.constantFrom('=', ':'), gap, value).map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.tuple(word, gap).map(([name, end]) => `[${name}]${end}`) },
  { weight: 1, arbitrary: fc.tuple(gap, fc.constantFrom('#', ';', '# x = 1', ';[s]')).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(' ', '    ', '\t'), value).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: gap },
  { weight: 1, arbitrary: value },
)
const ending = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r')
// Mostly with a section to begin with, or nearly every text would be refused in its first line.
const text = fc
  .tuple(
    fc.constantFrom('[s]\n', '[s]\n', '[DEFAULT]\nbase = b.example\na = %%\n[s]\n', ''),
    fc.array(fc.tuple(line, ending), { maxLength: 7 }),
  )
  .map(([start, lines]) => start + lines.flat().join(''))

describe('INI as Python reads it', () => {
  test.skipIf(absent)('agrees with configparser of Python 3 on 1000 texts, good and bad', () => {
    const seed = Number(process.env['LATCHKEY_SEED'] ?? Date.now() % 2 ** 31)
    const texts = [...written, ...fc.sample(text, { seed, numRuns: 1000 })]
    const theirs = pythonReads(texts)
    const differing = texts.flatMap((one, index) => {
      const [ours, python] = [weRead(one), theirs[index]]
      return JSON.stringify(ours) === JSON.stringify(python) ? [] : [{ text: one, ours, python }]
    })
    expect(differing.slice(0, 3), `LATCHKEY_SEED=${seed}`).toEqual([])
    const good = theirs.filter((one) => one !== null).length
    expect(good, `of ${texts.length} texts Python took so many; LATCHKEY_SEED=${seed}`).toBeGreaterThan(200)
    expect(texts.length - good).toBeGreaterThan(200)
  })

  test('keeps what follows a comment sign in a value, and lowers the names of options alone', () => {
    expect(weRead(written[1] ?? '')).toEqual({
      Connection: { default_backend: 'https://openeo.example.org/x;y#z', auto_authenticate: 'oidc' },
    })
  })

  test('fills in values of the section and of [DEFAULT], which stands in every section', () => {
    expect(weRead(written[3] ?? '')).toEqual({
      Connection: { base: 'openeo.example.org', default_backend: 'https://openeo.example.org/1.2' },
    })
  })

  test.each([
    ['[a]\nx=1\nX=2', 'option "x" comes twice, in line 3'],
    ['x=1', 'line 1 stands in no section'],
    ['[a]\nx=%(x)s', 'values name each other without end'],
  ])('says what is wrong with %j', (bad, why) => {
    expect(() => parsePythonIni(bad)).toThrow(`It is no INI file as Python reads it: ${why}.`)
  })
})
