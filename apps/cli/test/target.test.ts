import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LoginKey, memoryStore } from '@latchkey/core'
import { knownIssuers } from '@latchkey/login/issuers'
import { describe, expect, it } from 'vitest'
import { storedLogin, type Wanted } from '../src/stored-login.ts'
import { isSameIssuer, type Target, targetOf as targetIn } from '../src/target.ts'
import { home } from './support/home.ts'

const targetOf = (typed: string, at?: string): Target => targetIn(typed, { HOME: '/nowhere' }, at)

describe('what an argument means', () => {
  it.each([
    ['https://iam.example.org/', 'https://iam.example.org'],
    ['iam.example.org//', 'https://iam.example.org'],
    ['iam.example.org/realms/x', 'https://iam.example.org/realms/x'],
    ['http://127.0.0.1:8080/x/', 'http://127.0.0.1:8080/x'],
    ['localhost', 'https://localhost'],
  ])('%s is the issuer %s', (typed, issuer) => {
    expect(targetOf(typed).issuer).toBe(issuer)
  })

  const servers = knownIssuers.filter(({ issuer }) => issuer !== undefined)
  const kinds = knownIssuers.filter(({ issuer }) => issuer === undefined)

  it.each(servers.map((row) => [row.name, row] as const))('%s is a name, in any case', (name, row) => {
    const { issuer, clientId, scope, pkce } = targetOf(name.toUpperCase())
    expect({ issuer, clientId, scope, pkce }).toEqual({
      issuer: row.issuer,
      clientId: row.clientId,
      scope: row.scope,
      pkce: row.pkce,
    })
    expect(issuer).toMatch(/^https:\/\/.*[^/]$/)
  })

  it.each(kinds.map((row) => [row.name, row] as const))(
    '%s is a kind of server, with the address of one',
    (name, row) => {
      expect(targetOf(name, 'one.example.org/')).toMatchObject({
        typed: 'one.example.org/',
        issuer: 'https://one.example.org',
        scope: row.scope,
        row,
      })
      expect(() => targetOf(name)).toThrow(`auth login ${name} ${row.address}`)
    },
  )

  it('is a name of a table of the person’s own', () => {
    const { env, path } = home()
    const rows = [{ name: 'mine', title: 'Mine', issuer: 'https://mine.example.org', scope: 'openid', pkce: false }]
    mkdirSync(join(path, '.config', 'latchkey'), { recursive: true })
    writeFileSync(join(path, '.config', 'latchkey', 'issuers.json'), JSON.stringify(rows))
    expect(targetIn('mine', env)).toMatchObject({ issuer: 'https://mine.example.org', scope: 'openid' })
  })

  it('is not a name with an address that is its own, nor an address with another', () => {
    expect(() => targetOf('cdse', 'one.example.org')).toThrow('no other address goes with it')
    expect(() => targetOf('one.example.org', 'two.example.org')).toThrow('one.example.org is none')
  })

  it.each([
    ['egy', 'is no address of an issuer'],
    ['ftp://iam.example.org', 'is no https address'],
    ['https://', 'is no https address'],
    ['https://user:hunter2@iam.example.org', 'no user name'],
    ['https://iam.example.org/?x=hunter2', 'no query'],
  ])('%s is refused: it %s', (typed, why) => {
    expect(() => targetOf(typed)).toThrow(why)
    expect(() => targetOf(typed)).not.toThrow('hunter2')
  })

  it('is the same issuer in another spelling', () => {
    expect(isSameIssuer('https://IAM.example.org:443/x', targetOf('iam.example.org/x/'))).toBe(true)
    expect(isSameIssuer('http://127.0.0.1:1/x', targetOf('127.0.0.1:1/x'))).toBe(true)
    expect(isSameIssuer('http://iam.example.org', targetOf('https://iam.example.org'))).toBe(false)
    expect(isSameIssuer('https://iam.example.org/X', targetOf('iam.example.org/x'))).toBe(false)
  })
})

async function found(keys: readonly LoginKey[], wanted: Wanted): Promise<LoginKey> {
  const store = memoryStore()
  for (const key of keys) await store.update(key, async () => ({ refreshToken: 'rt', tokens: {} }))
  return storedLogin(wanted, store, 'auth token')
}

describe('the stored login that is meant', () => {
  const one: LoginKey = { issuer: 'https://one.test/realm', clientId: 'a' }
  const other: LoginKey = { issuer: 'https://one.test/realm', clientId: 'b' }
  const named: LoginKey = { ...one, account: 'work' }
  const cdse = targetOf('cdse')

  it('is the only one there is, where nothing is said', async () => {
    expect(await found([one], {})).toEqual(one)
  })

  it('is the one of an issuer, a client or an account', async () => {
    const keys = [one, other, named, { issuer: 'https://two.test', clientId: 'c' }]
    expect(await found(keys, { target: targetOf('two.test') })).toMatchObject({ clientId: 'c' })
    expect(await found(keys, { clientId: 'b' })).toEqual(other)
    expect(await found(keys, { account: 'work' })).toEqual(named)
    expect(await found([one, named], { target: targetOf('one.test/realm') })).toEqual(one)
  })

  it('is that of the client a name stands for, where the issuer has several', async () => {
    const mine = { issuer: cdse.issuer, clientId: 'mine' }
    const theirs = { issuer: cdse.issuer, clientId: cdse.clientId ?? '' }
    expect(await found([mine, theirs], { target: cdse })).toEqual(theirs)
    expect(await found([mine], { target: cdse })).toEqual(mine)
  })

  it('is asked for where several fit, with the commands to choose from', async () => {
    const failure = found([one, other], { target: targetOf('one.test/realm') })
    await expect(failure).rejects.toThrow(
      'There are 2 logins at https://one.test/realm. Say which: auth token one.test/realm --client-id a, or auth token one.test/realm --client-id b',
    )
    await expect(found([one, other], {})).rejects.toMatchObject({ name: 'UsageError' })
  })

  it('is missed with the near ones and the command to run', async () => {
    const failure = found([one], { target: targetOf('one.test/reaml') })
    await expect(failure).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    await expect(failure).rejects.toThrow(
      'There is no login at https://one.test/reaml. There is one for client a at https://one.test/realm. Log in with: auth login one.test/reaml --client-id ID',
    )
    await expect(found([], { target: cdse })).rejects.toThrow('Log in with: auth login cdse')
    await expect(found([], {})).rejects.toThrow('There is no login. Log in with: auth login NAME')
    await expect(found([], { account: 'x' })).rejects.toThrow('There is no login, account x. Log in with')
  })
})
