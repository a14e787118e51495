import { describe, expect, it } from 'vitest'
import { claimText, jwtText } from '../src/jwt/claim-words.ts'
import { decodedJwt, looksLikeJwt } from '../src/jwt/jwt.ts'
import { main } from '../src/main.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './support/fake-io.ts'
import { home } from './support/home.ts'
import { store, storedToken } from './support/stored.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: object, header: object = { alg: 'ES256' }): string =>
  `${part(header)}.${part(claims)}.c2lnbmF0dXJl`

async function run(words: readonly string[], options: FakeIoOptions = {}): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo(options)
  return { ...io, code: await main(['decode', ...words], io) }
}

describe('times in claims', () => {
  const now = Date.UTC(2026, 10, 22, 12)
  const at = (seconds: number): number => now / 1000 + seconds

  it.each([
    ['exp', 240, 'expires in 4 min (2026-11-22T12:04:00.000Z)'],
    ['exp', -240, 'expired 4 min ago (2026-11-22T11:56:00.000Z)'],
    ['iat', -5, 'made 5 s ago (2026-11-22T11:59:55.000Z)'],
    ['iat', 300, 'made 5 min in the future (2026-11-22T12:05:00.000Z)'],
    ['nbf', 60, 'not good before 60 s from now (2026-11-22T12:01:00.000Z)'],
    ['auth_time', -7200, 'logged in 2 h ago (2026-11-22T10:00:00.000Z)'],
  ])('%s %i s from now: %s', (name, seconds, text) => {
    expect(claimText(name, at(seconds), now)).toBe(text)
  })

  it.each([
    ['exp', 1e300, '1e+300'],
    ['exp', '1700000000', '1700000000'],
    ['count', 1700000000, '1700000000'],
    ['aud', ['a', 'b'], 'a, b'],
    ['realm_access', { roles: ['x'] }, '{"roles":["x"]}'],
    ['email_verified', true, 'true'],
  ])('%s that is %j is shown as %s', (name, value, text) => {
    expect(claimText(name, value, now)).toBe(text)
  })
})

describe('a token', () => {
  it.each([
    ['opaque', 'no JWT'],
    ['', 'no JWT'],
    ['a.b.c', 'no JWT'],
    [`${part({ alg: 'none' })}.%%%.`, 'broken JWT: its claims part is not base64url'],
    [`${part({ alg: 'none' })}.e30`, 'no JWT (it has 2 parts'],
    [`${part({ alg: 'none' })}.${Buffer.from('{"a":').toString('base64url')}.`, 'is not JSON'],
    [`${part({ alg: 'none' })}.${part(['a'])}.`, 'is no JSON object'],
    [`${part({ alg: 'none' })}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.`, 'is not UTF-8'],
    [`${part({ alg: 'dir', enc: 'A256GCM' })}..aXY.Y2lwaGVy.dGFn`, 'encrypted (JWE'],
    ['x'.repeat(300_000), 'longer than any token'],
  ])('that cannot be read says why in one line, without repeating it (%#)', (token, why) => {
    let said = ''
    try {
      decodedJwt(token)
    } catch (error) {
      said = (error as Error).message
    }
    expect(said).toContain(why)
    if (token !== '') expect(said).not.toContain(token)
    expect(said).not.toContain('\n')
  })

  it('is told from an address of an issuer', () => {
    expect([jwt({}), 'iam.example.org', 'cdse', 'https://a.b/c.d'].map(looksLikeJwt)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('keeps members that JavaScript has names for', () => {
    const claims = Buffer.from('{"__proto__":"a","constructor":"b"}').toString('base64url')
    expect(Object.keys(decodedJwt(`${part({ alg: 'none' })}.${claims}.`).claims)).toEqual(['__proto__', 'constructor'])
  })
})

describe('auth decode', () => {
  const token = jwt({ sub: 'marie', exp: 4_000_000_000 })

  it.each([[token], [`${token}\n`], [`Bearer ${token}`], [`Authorization: Bearer ${token}\r\n`]])(
    'reads a token from stdin, alone or as a header (%#)',
    async (input) => {
      const { code, stdout } = await run([], { input, env: home().env })
      expect(code).toBe(0)
      expect(stdout()).toContain('not verified')
      expect(stdout()).toMatch(/^ {2}sub +marie$/m)
      expect(stdout()).toMatch(/^ {2}exp +expires in \d+ days \(2096-/m)
    },
  )

  it('prints JSON that says that nothing is verified', async () => {
    const { stdout } = await run(['--json'], { input: token, env: home().env })
    expect(JSON.parse(stdout())).toMatchObject({
      verified: false,
      expires_in: expect.any(Number),
      header: { alg: 'ES256' },
      claims: { sub: 'marie', exp: 4_000_000_000 },
    })
  })

  it('refuses a token on the command line, without repeating it', async () => {
    const { code, stdout, stderr } = await run([token], { env: home().env })
    expect([code, stdout()]).toEqual([2, ''])
    expect(stderr()).toContain('auth decode < FILE')
    expect(stderr()).not.toContain(token)
  })

  it.each([[[]], [['iam.example.org']]])('%j with nothing on stdin shows the token of the login', async (words) => {
    const { env } = home()
    await store(
      env,
      { issuer: 'https://iam.example.org', clientId: 'script' },
      {
        refreshToken: 'rt',
        tokens: { '': storedToken(token) },
      },
    )
    const { code, stdout } = await run(words, { env, input: '' })
    expect([code, stdout()]).toEqual([0, expect.stringContaining('marie')])
  })

  it('escapes what a token says', () => {
    const text = jwtText(decodedJwt(jwt({ 'na\u001bme': '\u001b[2J\u202e' }, { kid: '\u009b' })), 0)
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
  })

  it('of a login with an opaque token says that it says nothing', async () => {
    const { env } = home()
    await store(
      env,
      { issuer: 'https://iam.example.org', clientId: 'script' },
      {
        refreshToken: 'rt',
        tokens: { '': storedToken('opaque-SECRET') },
      },
    )
    const { code, stderr } = await run(['iam.example.org'], { env })
    expect([code, stderr()]).toEqual([1, expect.stringMatching(/^auth: The token is no JWT .*\n$/)])
    expect(stderr()).not.toContain('SECRET')
  })
})
