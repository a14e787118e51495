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
    const longer = await run(['token', '--id-token', '--min-validity=3599'], { env })
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
