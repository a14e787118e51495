import { parseChallenges } from '@latchkey/core'
import { check, constantFrom, oneof, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'

const read = (field: string): unknown[] =>
  parseChallenges(field).map(({ scheme, token68, parameters }) =>
    token68 === undefined ? [scheme, { ...parameters }] : [scheme, token68],
  )

describe('challenges', () => {
  test.each([
    ['Bearer', [['bearer', {}]]],
    ['bearer realm="a", Error=invalid_token', [['bearer', { realm: 'a', error: 'invalid_token' }]]],
    [
      'Basic realm="a, b=\\"c\\" \\\\", DPoP algs="ES256 EdDSA"',
      [
        ['basic', { realm: 'a, b="c" \\' }],
        ['dpop', { algs: 'ES256 EdDSA' }],
      ],
    ],
    [
      'Negotiate abc==, Bearer scope = "a b"',
      [
        ['negotiate', 'abc=='],
        ['bearer', { scope: 'a b' }],
      ],
    ],
    [
      'Negotiate, NTLM',
      [
        ['negotiate', {}],
        ['ntlm', {}],
      ],
    ],
    ['Bearer a=1, a=2, A=3', [['bearer', { a: '1' }]]],
    [', ,Bearer error="x",,', [['bearer', { error: 'x' }]]],
    ['Bearer realm="never closed', [['bearer', { realm: 'never closed' }]]],
    ['"odd" stuff, Bearer error=x', [['bearer', { error: 'x' }]]],
    ['Bearer realm=""', [['bearer', { realm: '' }]]],
    ['', []],
  ])('%s', (field, challenges) => {
    expect(read(field)).toEqual(challenges)
  })

  test('a parameter called __proto__ is a parameter', () => {
    const [challenge] = parseChallenges('Bearer __proto__="x"')
    expect(Object.keys(challenge?.parameters ?? {})).toEqual(['__proto__'])
    expect(challenge?.parameters['toString']).toBeUndefined()
  })

  test('no field is no challenge', () => {
    expect([parseChallenges(null), parseChallenges(undefined)]).toEqual([[], []])
  })

  test('whatever a server sends is read to its end, without throwing', () => {
    const characters = constantFrom('B', 'a', '=', '"', '\\', ',', ' ', '\t', '~', 'é', '\u0000')
    const fields = oneof(string(), string({ unit: characters }))
    const isRead = property(fields, (field) => Array.isArray(parseChallenges(field)))
    expect(check(isRead, { seed: 3, numRuns: 2000 }).counterexample).toBeNull()
  })

  test('a field of a megabyte takes no time', () => {
    const started = performance.now()
    for (const part of ['Bearer a="', 'a,', 'a=', 'A ', '"\\', 'abc.'])
      parseChallenges(part.repeat(2 ** 20 / part.length))
    expect(performance.now() - started).toBeLessThan(4000)
  })
})
