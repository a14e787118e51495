import { bearer, staticToken } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { originTest, parseOrigins } from '../../src/authorizer/origins.ts'

const messageOf = (origins: unknown): string => {
  try {
    parseOrigins(origins as string)
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    return (error as Error).message
  }
  throw new Error('accepted')
}

describe('origins', () => {
  test.each([
    ['https://api.example.org', 'https://api.example.org'],
    ['https://API.Example.org/', 'https://api.example.org'],
    ['https://api.example.org:443', 'https://api.example.org'],
    ['https://api.example.org:8443', 'https://api.example.org:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://127.0.0.1:80', 'http://127.0.0.1'],
    ['http://127.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is %s', (text, origin) => {
    expect(parseOrigins(text)).toEqual([origin])
  })

  test.each([
    ['https://api.example.org/v1', 'has a path', 'https://api.example.org'],
    ['https://api.example.org/?a=1', 'has a query', 'https://api.example.org'],
    ['https://api.example.org/#x', 'has a fragment', 'https://api.example.org'],
    ['https://user:hunter2@api.example.org', 'user name', 'https://api.example.org'],
    ['http://api.example.org:8080', 'http', 'https://api.example.org:8080'],
    ['http://127.0.0.1.evil.example', 'http', 'https://127.0.0.1.evil.example'],
    ['http://localhost.evil.example/v1', 'path', 'https://localhost.evil.example'],
    ['api.example.org', 'not an https address', 'https://api.example.org'],
    ['api.example.org:8443', 'not an https address', 'https://api.example.org:8443'],
  ])('%s is refused with the origin to paste', (text, problem, cure) => {
    expect(messageOf(text)).toContain(problem)
    expect(messageOf(text)).toContain(`'${cure}'`)
  })

  test.each([
    '*',
    'https://*.example.org',
    'null',
    '',
    ' ',
    'ftp://x.example',
    'data:,x',
    '//api.example.org',
    7,
    [],
    undefined,
  ])('%j is refused', (origins) => {
    expect(messageOf(origins)).toMatch(/https:\/\/api\.example\.org/)
  })

  test('a token or password in the wrong place is not repeated in the message', () => {
    for (const secret of ['eyJhbGciOi.J9.sEcReT', 'https://user:hunter2@api.example.org/v1?token=hunter2', 'hunter2']) {
      expect(messageOf(secret)).not.toMatch(/hunter2|sEcReT/)
    }
  })

  test('a list keeps its order and loses what is there twice', () => {
    expect(parseOrigins(['https://b.example', 'https://a.example', 'https://b.example/'])).toEqual([
      'https://b.example',
      'https://a.example',
    ])
  })

  test('several origins are each compared whole', () => {
    const serves = originTest(parseOrigins(['https://a.example', 'https://b.example:8443']))
    const urls = ['https://a.example/x', 'https://b.example:8443/', 'https://b.example/', 'https://a.example:8443/']
    expect(urls.map((url) => serves(new URL(url)))).toEqual([true, true, false, false])
  })

  test('an authorizer cannot be made without a destination', () => {
    // @ts-expect-error the origins are required
    expect(() => bearer(staticToken('t'))).toThrow(/missing/)
    // @ts-expect-error a grant is not a source of tokens
    expect(bearer(async () => ({}), 'https://api.example.org')).toBeTypeOf('function')
  })
})
