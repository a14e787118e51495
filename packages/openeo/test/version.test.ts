import { describe, expect, test } from 'vitest'
import { bestVersion } from '../src/discovery.ts'
import { compareVersions, isSupported, parseVersion, type Version } from '../src/version.ts'

const version = (text: string): Version => {
  const found = parseVersion(text)
  if (found === undefined) throw new Error(`${text} is no version`)
  return found
}

describe('versions', () => {
  test('are ordered as SemVer 2.0.0 section 11 has it', () => {
    const ordered = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11']
    ordered.push('1.0.0-rc.1', '1.0.0', '1.2.0', '1.10.0', '2.0', '10.0.0')
    for (const [at, one] of ordered.entries()) {
      for (const [other, two] of ordered.entries()) {
        expect(Math.sign(compareVersions(version(one), version(two))), `${one} ${two}`).toBe(Math.sign(at - other))
      }
    }
  })

  test('are the same whatever they were built from, and with or without zeros', () => {
    expect(compareVersions(version('1.2.0+a'), version('1.2.0+b'))).toBe(0)
    expect(compareVersions(version('1.2'), version('1.2.0'))).toBe(0)
  })

  test.each(['', 'v1.0.0', '1.x', '1.0.0-', '1.0.0-a..b', '1.2.3.4', '1.0.0 ', '-1', '1.0.0\n', '9'.repeat(40)])(
    '%j is none',
    (text) => {
      expect(parseVersion(text)).toBeUndefined()
      expect(isSupported(parseVersion(text))).toBe(false)
    },
  )

  test('before 1.0.0, pre-releases of it included, are too old', () => {
    expect(['0.4.2', '1.0.0-rc.2', '1.0.0', '1.0', '2.0'].filter((text) => isSupported(version(text)))).toEqual([
      '1.0.0',
      '1.0',
      '2.0',
    ])
  })
})

describe('the version of a well-known document', () => {
  const from = new URL('https://openeo.example.org/.well-known/openeo')
  const best = (...versions: readonly unknown[]): string | undefined => bestVersion({ versions }, from)
  const at = (api_version: unknown, more: object = {}): object => ({
    api_version,
    url: `https://openeo.example.org/${String(api_version)}`,
    ...more,
  })

  test('is the latest by number and not by text', () => {
    expect(best(at('1.2.0'), at('1.10.0'), at('1.9.0'))).toBe('https://openeo.example.org/1.10.0')
  })

  test('is one for production, or that does not say, before a later one that is not', () => {
    expect(best(at('1.3.0', { production: false }), at('1.1.0'), at('1.2.0', { production: true }))).toMatch(/1\.2\.0$/)
    expect(best(at('1.3.0', { production: false }), at('1.1.0'))).toMatch(/1\.1\.0$/)
    expect(best(at('1.3.0', { production: false }), at('1.1.0', { production: false }))).toMatch(/1\.3\.0$/)
    expect(best(at('1.3.0-beta.1'), at('1.3.0-beta.11'), at('1.2.9'))).toMatch(/1\.3\.0-beta\.11$/)
  })

  test('may stand on another origin, and is given without the slash at its end', () => {
    expect(best(at('1.2.0', { url: 'https://vito.example.org/openeo/1.2/' }))).toBe(
      'https://vito.example.org/openeo/1.2',
    )
  })

  test.each([
    ['is too old', at('0.4.2')],
    ['is no text', at(1)],
    ['has no address', at('1.2.0', { url: undefined })],
    ['has a relative address', at('1.2.0', { url: '/openeo/1.2' })],
    ['leads to http', at('1.2.0', { url: 'http://openeo.example.org/1.2' })],
    ['leads from https to this machine', at('1.2.0', { url: 'http://127.0.0.1:8080/' })],
    ['has a password in its address', at('1.2.0', { url: 'https://u:p@openeo.example.org/' })],
    ['has a query', at('1.2.0', { url: 'https://openeo.example.org/?v=1.2' })],
    ['is a script', at('1.2.0', { url: 'javascript:alert(1)' })],
    ['is a flood of slashes', at('1.2.0', { url: `https://openeo.example.org${'/'.repeat(500_000)}x` })],
    ['is no object', 'https://openeo.example.org/1.2'],
    ['is null', null],
  ])('is never one that %s', (_, bad) => {
    expect(best(bad)).toBeUndefined()
    expect(best(bad, at('1.0.0'))).toBe('https://openeo.example.org/1.0.0')
  })

  test.each([undefined, {}, { versions: null }, { versions: {} }, { versions: [] }])('of %j is none', (document) => {
    expect(bestVersion(document, from)).toBeUndefined()
  })
})
