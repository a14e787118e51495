import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { normalizeIssuer } from '@latchkey/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { issuerFault, issuersFile, issuerTable, knownIssuers } from '../src/index.ts'

describe('the known issuers', () => {
  test.each(knownIssuers.map((row) => [row.name, row] as const))('%s is of the right form', (_name, row) => {
    expect(issuerFault(row)).toBeUndefined()
    expect(row.clientId ?? row.notes).toEqual(expect.any(String))
    if (row.issuer !== undefined) expect(normalizeIssuer(row.issuer)).toBe(row.issuer)
    else expect(row.address).toMatch(/^https:\/\/[\w./]*[A-Z]/)
    expect(row.clientSecret === undefined || row.clientId !== undefined).toBe(true)
  })

  test('have names of their own, none of which could be an address', () => {
    const names = knownIssuers.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).not.toMatch(/[.:/]|^localhost$/)
    expect(names).toEqual(
      expect.arrayContaining([
        'apex',
        'cdse',
        'egi',
        'openeo-platform',
        'terrascope',
        'provena',
        'iam',
        'wlcg',
        'opencloud',
        'ocis',
        'google',
      ]),
    )
  })
})

const row = { name: 'mine', title: 'Mine', issuer: 'https://iam.example.org', scope: 'openid', pkce: true }

describe("a row's form", () => {
  test.each<[string, object | null, string]>([
    ['null', null, 'is no object'],
    ['no name', { ...row, name: undefined }, 'lacks name'],
    ['no scope', { ...row, scope: undefined }, 'lacks scope'],
    ['a name with a dot', { ...row, name: 'a.b' }, 'needs name to be small letters, digits and -'],
    ['http', { ...row, issuer: 'http://iam.example.org' }, 'needs issuer to be an https address'],
    ['a query', { ...row, issuer: 'https://iam.example.org?x' }, 'needs issuer to be an https address'],
    ['a password', { ...row, issuer: 'https://a:b@iam.example.org' }, 'needs issuer to be an https address'],
    ['scope with two blanks', { ...row, scope: 'openid  email' }, 'needs scope to be words'],
    ['a scope list', { ...row, scope: ['openid'] }, 'needs scope to be words'],
    ['a port that is none', { ...row, redirect: { ports: [70000] } }, 'needs redirect to be false, or'],
    ['another host', { ...row, redirect: { host: '0.0.0.0' } }, 'needs redirect to be false, or'],
    ['a typing error', { ...row, cliendId: 'x' }, 'has a member "cliendId" that nothing is known of'],
    ['a member of every object', { ...row, toString: 'x' }, 'has a member "toString" that nothing is known of'],
    ['no issuer', { ...row, issuer: undefined }, 'lacks issuer, or address'],
  ])('%s', (_name, given, why) => {
    expect(issuerFault(given)).toContain(why)
  })

  test.each([
    row,
    { ...row, issuer: 'http://localhost:8080', redirect: { host: 'localhost', ports: [8080, 4242], path: '' } },
    { ...row, redirect: false, audience: 'joined', clientId: 'c', notes: 'Note.' },
  ])('%j is good', (given) => {
    expect(issuerFault(given)).toBeUndefined()
  })
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-issuers-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  mkdirSync(join(path, 'latchkey'))
  return path
}

function written(text: string): { readonly path: string; readonly env: Readonly<Record<string, string>> } {
  const home = folder()
  const path = join(home, 'latchkey', 'issuers.json')
  writeFileSync(path, text)
  return { path, env: { XDG_CONFIG_HOME: home } }
}

describe("a person's own file", () => {
  test('is not needed', () => {
    expect(issuerTable({ env: { XDG_CONFIG_HOME: folder() } })).toBe(knownIssuers)
  })

  test('adds rows, and puts them in the place of known ones', () => {
    const own = [row, { ...row, name: 'cdse', clientId: 'my-own' }]
    const { env, path } = written(`\ufeff${JSON.stringify(own)}`)
    for (const options of [{ env }, { path, env: {} }]) {
      const table = issuerTable(options)
      expect(table).toHaveLength(knownIssuers.length + 1)
      expect(table.find(({ name }) => name === 'mine')).toEqual(row)
      expect(table.find(({ name }) => name === 'cdse')?.clientId).toBe('my-own')
    }
  })

  test.each([
    ['{', 'is no JSON at line 1, column 2'],
    ['', 'is no JSON'],
    ['{}', 'is no array of issuers'],
    [
      JSON.stringify([row, { ...row, name: 'b', scope: '' }]),
      'is wrong: row 2 ("b") needs scope to be words with single blanks between them',
    ],
    [JSON.stringify([row, row]), 'is wrong: row 2 ("mine") has a name that stood there before'],
    ['[null]', 'is wrong: row 1 is no object'],
  ])('%s is one line with the path', (text, why) => {
    const { env, path } = written(text)
    expect(() => issuerTable({ env })).toThrow(`${path} ${why}`)
    expect(() => issuerTable({ env })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  test('of more than anybody writes by hand is not taken apart', () => {
    const { path } = written(`[${' '.repeat(1_048_576)}]`)
    expect(() => issuerTable({ path })).toThrow(`${path} is longer than 1 MiB`)
  })

  test('that is named must be there', () => {
    const path = join(folder(), 'none.json')
    expect(() => issuerTable({ path })).toThrow(`${path} cannot be read (ENOENT)`)
  })

  test('stands where configuration stands', () => {
    const home = '/home/marie'
    expect(issuersFile({ env: {}, platform: 'linux', home })).toBe('/home/marie/.config/latchkey/issuers.json')
    expect(issuersFile({ env: { XDG_CONFIG_HOME: '/c' }, platform: 'darwin', home })).toBe('/c/latchkey/issuers.json')
    expect(issuersFile({ env: { APPDATA: '/a' }, platform: 'win32', home })).toBe('/a/latchkey/issuers.json')
  })
})
