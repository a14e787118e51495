import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Provider, provider, scriptedIssuer } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Home, home } from './support/home.ts'
import { run } from './support/openeo.ts'
import { browserAt } from './support/person.ts'

let issuer: Provider

beforeAll(async () => {
  issuer = await provider({ path: '/realms/demo', accessTokenTtl: 300 })
})
afterAll(() => issuer.close())

const login = (...words: readonly string[]): readonly string[] => ['login', issuer.issuer, ...words]

describe('auth login --register', () => {
  const file = (at: Home): string => join(dirname(at.tokens), 'latchkey', 'registrations.json')

  it('registers a client, keeps it closed to others, and later logins use it; --unregister ends it', async () => {
    const at = home()
    const first = await run(at, login('--register', '--browser=firefox'), { loginTerminal: browserAt(issuer) })
    const [, id = ''] = /^Registered a client at \S+: (\S+)\.$/m.exec(first.stderr()) ?? []
    expect([first.code, id]).toEqual([0, expect.stringMatching(/\S/)])
    expect(statSync(file(at)).mode & 0o777).toBe(0o600)
    expect(readFileSync(file(at), 'utf8')).toMatch(/"registration_access_token": "\S+"/)
    expect(issuer.verify((await run(at, ['token'])).stdout().trim())).toMatchObject({ clientId: id })
    const loginTerminal = browserAt(issuer)
    const second = await run(at, login('--browser=firefox'), { loginTerminal })
    expect([second.code, second.stderr()]).toEqual([0, expect.stringContaining(`(client ${id}).`)])
    expect(loginTerminal?.opened[0]).toMatch(
      new RegExp(`client_id=${id}&redirect_uri=http%3A%2F%2F127\\.0\\.0\\.1%3A4701`),
    )
    const third = await run(at, login('--register', '--browser=x'), { loginTerminal: browserAt(issuer) })
    expect(third.stderr()).toContain(`Using client ${id}, registered at ${issuer.issuer} before.`)
    const ended = await run(at, ['logout', issuer.issuer, '--unregister'])
    expect([ended.code, ended.stderr()]).toEqual([
      0,
      expect.stringContaining(`Client ${id} of ${issuer.issuer} is registered no more.`),
    ])
    expect(readFileSync(file(at), 'utf8')).toBe('{}')
    expect((await run(at, ['logout', issuer.issuer, '--unregister'])).code).toBe(2)
  })

  it('sends name, grants, addresses and scope, with the token that allows it, and says what came otherwise', async () => {
    const answer = {
      client_id: 'made',
      client_secret: 's3cret',
      scope: 'openid',
      redirect_uris: ['http://127.0.0.1:47011/callback'],
    }
    const metadata = { scopes_supported: ['openid', 'offline_access', 'profile'] }
    const scripted = await scriptedIssuer(
      [{ request: 'POST /register', times: 2, reply: { status: 201, body: answer } }],
      { metadata },
    )
    onTestFinished(() => scripted.close())
    const at = home()
    const token = join(at.path, 'token')
    writeFileSync(token, 'let-me-in\n')
    const words = ['login', scripted.issuer, '--register', '--method=paste']
    const { stderr } = await run(at, [...words, `--register-token-file=${token}`])
    const [sent] = scripted.received('/register')
    expect(sent?.headers.authorization).toBe('Bearer let-me-in')
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      client_name: 'auth (Latchkey)',
      grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: [47011, 47012, 47013].map((port) => `http://127.0.0.1:${port}/callback`),
      scope: 'openid offline_access profile',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    })
    expect(stderr()).toContain('  scope: asked for "openid offline_access profile", got "openid".\n')
    expect(stderr()).not.toContain('s3cret')
    await run(home(), words, { env: { LATCHKEY_REGISTRATION_TOKEN: 'by-env' } })
    expect(scripted.received('/register')[1]?.headers.authorization).toBe('Bearer by-env')
  })

  it('asks who it is at each login of that client, as far as the issuer said that it may', async () => {
    const scopes = ['openid', 'offline_access', 'profile', 'email', 'phone']
    const answer = { client_id: 'made', scope: 'openid offline_access email' }
    const scripted = await scriptedIssuer(
      [
        { request: 'POST /register', reply: { status: 201, body: answer } },
        { request: 'POST /device_authorization', times: 2, reply: { status: 400, body: { error: 'invalid_scope' } } },
      ],
      { metadata: { scopes_supported: scopes } },
    )
    onTestFinished(() => scripted.close())
    const at = home()
    await run(at, ['login', scripted.issuer, '--register', '--method=device'])
    await run(at, ['login', scripted.issuer, '--method=device'])
    expect(scripted.received('/device_authorization').map(({ form }) => form['scope'])).toEqual([
      'openid offline_access email',
      'openid offline_access email',
    ])
  })

  it('says who to ask where the issuer registers nobody', async () => {
    const scripted = await scriptedIssuer([], { metadata: { registration_endpoint: undefined } })
    onTestFinished(() => scripted.close())
    const { code, stderr } = await run(home(), ['login', scripted.issuer, '--register'])
    expect([code, stderr()]).toEqual([1, expect.stringContaining('ask its operators for a client id')])
  })
})
