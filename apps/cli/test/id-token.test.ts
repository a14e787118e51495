import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodedJwt } from '../src/jwt/jwt.ts'
import { main } from '../src/main.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './support/fake-io.ts'
import { home } from './support/home.ts'
import { loggedInHome } from './support/provided.ts'
import { store, storedToken } from './support/stored.ts'

let issuer: Provider

beforeAll(async () => {
  issuer = await provider({ accessTokenTtl: 60, resources: { 'https://api.example.org': 'read' } })
})
afterAll(() => issuer.close())

async function run(words: readonly string[], options: FakeIoOptions): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo(options)
  return { ...io, code: await main(words, io) }
}

describe('auth token --id-token', () => {
  it('prints what the issuer signed, kept from the last renewal, and nothing else', async ({ onTestFinished }) => {
    const { env } = await loggedInHome(issuer, onTestFinished)
    const before = issuer.stats.refreshes
    const first = await run(['token', '--id-token'], { env })
    expect([first.code, first.stderr()]).toEqual([0, ''])
    expect(decodedJwt(first.stdout().trim()).claims).toMatchObject({ sub: 'marie', iss: issuer.issuer, aud: 'script' })
    const again = await run(['token', issuer.issuer, '--id-token', '--json'], { env })
    expect(JSON.parse(again.stdout())).toMatchObject({ issuer: issuer.issuer, id_token: first.stdout().trim() })
    expect(issuer.stats.refreshes - before).toBe(1)
  })

  it('renews for one that lives longer, and where the stored login has none', async ({ onTestFinished }) => {
    const { env } = await loggedInHome(issuer, onTestFinished)
    const key = { issuer: issuer.issuer, clientId: 'script' }
    const { refreshToken } = await issuer.issue()
    await store(env, key, { refreshToken, tokens: { '': storedToken('at') } })
    const first = await run(['token', '--id-token'], { env })
    expect(first.code).toBe(0)
    const before = issuer.stats.refreshes
    const longer = await run(['token', '--id-token', '--min-valid=3599'], { env })
    expect([longer.code, issuer.stats.refreshes - before]).toEqual([0, 1])
  })

  it('says so where the issuer sends none, and exits 1', async ({ onTestFinished }) => {
    const { env } = await loggedInHome(issuer, onTestFinished, 'offline_access read')
    const { code, stdout, stderr } = await run(['token', '--id-token'], { env })
    expect([code, stdout(), stderr()]).toEqual([1, '', expect.stringContaining('sends no ID token')])
  })

  it('has no part', async ({ onTestFinished }) => {
    const { env } = home(onTestFinished)
    expect((await run(['token', '--id-token', '--scope=read'], { env })).code).toBe(2)
  })
})

describe('auth token --scope', () => {
  it('prints a token for that scope alone, kept beside the login’s own', async ({ onTestFinished }) => {
    const { env } = await loggedInHome(issuer, onTestFinished)
    const narrow = await run(['token', '--scope', 'openid read'], { env })
    expect(issuer.verify(narrow.stdout().trim())?.scope).toBe('openid read')
    const own = await run(['token'], { env })
    expect(issuer.verify(own.stdout().trim())?.scope).toContain('offline_access')
    const again = await run(['token', '--scope', 'read openid', '--json'], { env })
    expect(JSON.parse(again.stdout())).toMatchObject({ access_token: narrow.stdout().trim(), scope: 'openid read' })
  })

  it('sends the audiences it is asked for', async ({ onTestFinished }) => {
    const { env } = await loggedInHome(issuer, onTestFinished)
    // This provider knows no audiences: it gives an ordinary token, which is kept under what was asked for.
    expect((await run(['token', '--audience', 'one,two'], { env })).code).toBe(0)
    const again = await run(['token', '--audience', 'two,one'], { env })
    const before = issuer.stats.refreshes
    expect((await run(['token', '--audience', 'one,two'], { env })).stdout()).toBe(again.stdout())
    expect(issuer.stats.refreshes).toBe(before)
  })
})

describe('auth whoami', () => {
  it('says whose login it is from what is stored, and asks nobody', async ({ onTestFinished }) => {
    const { env, tokens } = await loggedInHome(issuer, onTestFinished)
    expect((await run(['whoami'], { env })).code).toBe(1)
    await run(['token'], { env })
    const before = issuer.stats.refreshes
    const { code, stdout } = await run(['whoami'], { env })
    expect([code, stdout()]).toEqual([0, expect.stringMatching(/^subject {2}marie$/m)])
    expect(JSON.parse((await run(['whoami', '--json'], { env })).stdout())).toMatchObject({
      issuer: issuer.issuer,
      sub: 'marie',
      groups: [],
      source: 'id_token',
    })
    expect(issuer.stats.refreshes).toBe(before)
    const kept = join(dirname(tokens), 'latchkey')
    const own = readdirSync(kept).find((name) => name.endsWith('.json')) ?? ''
    expect(readFileSync(join(kept, own), 'utf8')).toContain('"idToken"')
  })

  it('takes names and groups from wherever issuers put them, escaped', async () => {
    const { env } = home()
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { sub: 's', preferred_username: 'Marie\u001b[2J', email: 'm@x.org', 'wlcg.groups': ['/a', '/a/b'] }
    const accessToken = `${part({ alg: 'ES256' })}.${part(claims)}.x`
    const key = { issuer: 'https://iam.example.org', clientId: 'script' }
    await store(env, key, { refreshToken: 'rt', tokens: { '': storedToken(accessToken) } })
    const { stdout } = await run(['whoami'], { env })
    expect(stdout()).toContain('name     Marie\\u001b[2J\nemail    m@x.org\nsubject  s\ngroups   /a, /a/b\n')
    expect(stdout()).toContain('not verified')
  })

  it('without anything that says it is an error', async () => {
    const { env } = home()
    await store(env, { issuer: 'https://iam.example.org', clientId: 'script' }, { refreshToken: 'rt', tokens: {} })
    const { code, stderr } = await run(['whoami'], { env })
    expect([code, stderr()]).toEqual([1, expect.stringContaining('openid')])
  })
})
