import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonSyntaxError, parsePythonJson } from '../src/python-json.ts'
import { pythonJsonText } from '../src/python-text.ts'

const rewritten = (text: string): string => pythonJsonText(parsePythonJson(text))

describe('Python JSON', () => {
  test('numbers keep their kind and every digit, as Python writes them again', () => {
    const rows: [string, string][] = [
      ['1.0', '1.0'],
      ['1e3', '1000.0'],
      ['123456789012345678901234567890', '123456789012345678901234567890'],
      ['1e16', '1e+16'],
      ['123456789012345680.0', '1.2345678901234568e+17'],
      ['0.0001', '0.0001'],
      ['0.00001', '1e-05'],
      ['-0', '0'],
      ['-0.0', '-0.0'],
      ['1E400', 'Infinity'],
      ['-1e400', '-Infinity'],
      ['NaN', 'NaN'],
      ['-Infinity', '-Infinity'],
      ['5e-324', '5e-324'],
    ]
    expect(rows.map(([text]) => rewritten(text))).toEqual(rows.map(([, expected]) => expected))
  })

  test('keys keep their order, whatever JavaScript thinks of them', () => {
    const text = '{\n  "b": 1,\n  "10": 2,\n  "2": {},\n  "__proto__": [],\n  "constructor": null\n}'
    expect(rewritten(text)).toBe(text)
  })

  test('of two equal keys the last value stands at the first place', () => {
    expect(rewritten('{"a": 1, "b": 2, "a": 3}')).toBe('{\n  "a": 3,\n  "b": 2\n}')
  })

  test('everything that is not printable ASCII is escaped in lower case', () => {
    expect(pythonJsonText('é\x7f\u{1F600}\ud800/"\\\b\f\n\r\t\x01')).toBe(
      '"\\u00e9\\u007f\\ud83d\\ude00\\ud800/\\"\\\\\\b\\f\\n\\r\\t\\u0001"',
    )
  })

  test.each([
    ['', 0],
    ['{"a": 1', 7],
    ['{"a" 1}', 5],
    ['{a: 1}', 1],
    ['[1, 2', 5],
    ['[1,]', 3],
    ['{"a": "b', 6],
    ['"\u0001"', 0],
    ['"\\x"', 0],
    ['{} {}', 3],
    ['01', 1],
    ['[truex]', 5],
  ])('%j is refused at character %i', (text, offset) => {
    expect(() => parsePythonJson(text)).toThrow(JsonSyntaxError)
    try {
      parsePythonJson(text)
    } catch (error) {
      expect((error as JsonSyntaxError).offset).toBe(offset)
    }
  })

  test('nesting that would end the stack is refused', () => {
    expect(() => parsePythonJson('['.repeat(1_000_000))).toThrow('nested too deeply')
  })

  test('any document comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = rewritten(JSON.stringify(value))
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(rewritten(text)).toBe(text)
      }),
    )
  })

  const python = process.env['LATCHKEY_PYTHON'] ?? 'python3'
  const hasPython = spawnSync(python, ['-c', '']).status === 0
  test.skipIf(!hasPython)('Python itself writes the same text for any document', () => {
    const documents = fc.sample(
      fc.oneof(
        fc.jsonValue(),
        fc.double().map((number) => (Number.isFinite(number) ? number : 0)),
      ),
      300,
    )
    const input = documents.map((value) => JSON.stringify(value))
    const program =
      'import json,sys\nsys.setrecursionlimit(5000)\nprint(json.dumps([json.dumps(json.loads(t), indent=2) for t in json.load(sys.stdin)]))'
    const { stdout } = spawnSync(python, ['-c', program], { input: JSON.stringify(input), maxBuffer: 1e8 })
    expect(input.map(rewritten)).toEqual(JSON.parse(stdout.toString()))
  })
})
