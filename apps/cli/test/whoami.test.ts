import { generateKeyPairSync } from 'node:crypto'
import { provider, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { main } from '../src/main.ts'
import { personIn } from '../src/who/person.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './support/fake-io.ts'
import { home } from './support/home.ts'
import { loggedInHome } from './support/provided.ts'
import { store, storedToken } from './support/stored.ts'

async function run(words: readonly string[], options: FakeIoOptions): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo(options)
  return { ...io, code: await main(['whoami', ...words], io) }
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: object): string => `${part({ alg: 'ES256' })}.${part(claims)}.x`
const idToken = jwt({ sub: 'marie', name: 'Marie of the files' })

describe('a person', () => {
  it.each([
    [
      { sub: 's', name: 'N', preferred_username: 'p', email: 'e' },
      { sub: 's', name: 'N', email: 'e', groups: [] },
    ],
    [
      { preferred_username: 'p', groups: ['a', 1, 'b'] },
      { name: 'p', groups: ['a', 'b'] },
    ],
    [{ 'wlcg.groups': ['/a', '/a/b'] }, { groups: ['/a', '/a/b'] }],
    [{ groups: 'a', eduperson_entitlement: ['urn:x'] }, { groups: ['urn:x'] }],
    [{ sub: 5, name: '', email: null }, { groups: [] }],
  ])('in %j is %j', (claims, person) => {
    expect(personIn(claims)).toEqual({ sub: undefined, name: undefined, email: undefined, ...person })
  })
})

describe('auth whoami', () => {
  it('asks the issuer, with a token that it renews first', async ({ onTestFinished }) => {
    const issuer = await provider({ accessTokenTtl: 60 })
    onTestFinished(() => issuer.close())
    const { env } = await loggedInHome(issuer, onTestFinished, 'openid offline_access profile email')
    const { code, stdout, stderr } = await run([], { env })
    expect([code, stderr()]).toEqual([0, ''])
    expect(stdout()).toBe(
      `name     marie\nemail    marie@example.org\nsubject  marie\nissuer   ${issuer.issuer}\nclient   script\nsays     the issuer, just now\n`,
    )
    expect(JSON.parse((await run(['--json'], { env })).stdout())).toMatchObject({ sub: 'marie', source: 'issuer' })
    const offline = await run(['--stored', '--json'], { env })
    expect(JSON.parse(offline.stdout())).toMatchObject({ sub: 'marie', source: 'id_token' })
  })

  it.each([
    ['refuses', { status: 401, body: { error: 'invalid_token' } }],
    ['has a page of HTML for', { status: 403, body: '<html>no</html>' }],
    ['names another person to', { body: { sub: 'eve' } }],
  ])('tells what is stored where the issuer %s whoever asks', async (_, reply) => {
    const issuer = await scriptedIssuer([{ request: 'GET /userinfo', reply }])
    try {
      const { env } = home()
      const login = { refreshToken: 'rt', subject: 'marie', tokens: { '': storedToken('at-SECRET', { idToken }) } }
      await store(env, { issuer: issuer.issuer, clientId: 'script' }, login)
      const { code, stdout, stderr } = await run([], { env })
      expect([code, stdout()]).toEqual([
        0,
        expect.stringMatching(/^name {5}Marie of the files\n[^]*says {5}the stored ID token\n$/),
      ])
      expect(stderr()).toMatch(/^auth: From what is stored\. .*\n$/)
      expect(stdout() + stderr()).not.toMatch(/SECRET|eve/)
    } finally {
      await issuer.close()
    }
  })

  it.each([
    ['proves that it has the key of a login whose tokens are bound to one', true, /of the issuer[^]*just now\n$/],
    ['tells what is stored where that key is kept elsewhere', false, /of the files[^]*the stored ID token\n$/],
  ])('%s', async (_, hasKey, said) => {
    const issuer = await scriptedIssuer([
      {
        request: 'GET /userinfo',
        reply: ({ headers }) =>
          headers['dpop'] === undefined
            ? { status: 401, body: { error: 'invalid_token' } }
            : { body: { sub: 'marie', name: 'Marie of the issuer' } },
      },
    ])
    onTestFinished(() => issuer.close())
    const { env } = home()
    const dpopKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
    const tokens = { '': storedToken('at-SECRET', { idToken, tokenType: 'DPoP' }) }
    const login = { refreshToken: 'rt', subject: 'marie', tokens, ...(hasKey && { dpopKey: { ...dpopKey } }) }
    await store(env, { issuer: issuer.issuer, clientId: 'script' }, login)
    const { code, stdout, stderr } = await run([], { env })
    expect([code, stdout()]).toEqual([0, expect.stringMatching(said)])
    expect(stdout() + stderr()).not.toContain('SECRET')
    expect(issuer.received('/userinfo')[0]?.headers['authorization']).toBe('DPoP at-SECRET')
  })

  it('takes an access token for want of anything better, and escapes what it says', async () => {
    const { env } = home()
    const tokens = { '': storedToken(jwt({ sub: 's', name: 'Marie\u001b[2J' })) }
    await store(env, { issuer: 'https://iam.example.org', clientId: 'script' }, { refreshToken: 'rt', tokens })
    const { stdout } = await run(['--stored'], { env })
    expect(stdout()).toContain('name     Marie\\u001b[2J\n')
    expect(stdout()).toContain('not verified')
  })

  it('without a login, or with nothing that says it, is an error', async () => {
    const { env } = home()
    expect((await run([], { env })).code).toBe(3)
    await store(env, { issuer: 'https://iam.example.org', clientId: 'script' }, { refreshToken: 'rt', tokens: {} })
    const { code, stderr } = await run(['--stored'], { env })
    expect([code, stderr()]).toEqual([1, expect.stringContaining('openid')])
  })
})
