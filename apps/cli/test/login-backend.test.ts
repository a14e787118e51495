import { type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backendRedirect } from '../src/login/backend-login.ts'
import { loopbackAddress, redirectUris } from '../src/login/loopback-address.ts'
import { home } from './support/home.ts'
import { backendWith, deviceGrant, listed, run } from './support/openeo.ts'
import { browserAt, deviceAt } from './support/person.ts'

let issuer: Provider

beforeAll(async () => {
  issuer = await provider({ path: '/realms/demo', accessTokenTtl: 300 })
})
afterAll(() => issuer.close())

describe('an address on loopback', () => {
  it.each([
    [
      ['http://localhost:4242', 'http://localhost:8080', 'app:/cb'],
      { host: 'localhost', path: '', ports: [4242, 8080] },
    ],
    [['https://e.org/cb', 'http://127.0.0.1/callback'], { host: '127.0.0.1', path: '/callback' }],
    [['http://[::1]:7/x', 'http://127.0.0.1:8/x'], { host: '[::1]', path: '/x', ports: [7] }],
    [['https://editor.openeo.org/'], false],
    [['http://localhost.evil.org/', 'http://192.168.0.1/'], false],
  ])('of %j is %j', (uris, expected) => {
    expect(loopbackAddress(uris)).toEqual(expected)
  })

  it('reads back as it was registered', () => {
    const uris = ['http://127.0.0.1:1/callback', 'http://127.0.0.1:2/callback']
    expect(redirectUris(loopbackAddress(uris) || {})).toEqual(uris)
  })
})

describe('auth login at an openEO back-end', () => {
  const code = { id: 'browser', grant_types: ['authorization_code+pkce', deviceGrant, 'refresh_token'] }

  it('logs in by browser where the default client may be answered here; its address then stands for the login', async () => {
    const at = home()
    const client = { ...code, redirect_urls: ['https://editor.example.org/', 'http://127.0.0.1/callback'] }
    const { url } = await backendWith({
      providers: [listed('demo', issuer.issuer, { default_clients: [client] })],
      verify: issuer.verify,
    })
    const loginTerminal = browserAt(issuer)
    const { stdout, stderr, ...ran } = await run(at, ['login', url], { loginTerminal, env: { DISPLAY: ':0' } })
    expect([ran.code, stdout()]).toEqual([0, ''])
    expect(stderr()).toContain(`${url} is an openEO back-end: provider demo (${issuer.issuer}), client browser.\n`)
    expect(loginTerminal?.opened).toHaveLength(1)
    expect(stderr()).toContain(`A fresh token: auth token ${url}\n`)
    expect((await run(at, ['header', url])).stdout()).toMatch(/^Authorization: Bearer oidc\/demo\/\S+\n$/)
    const again = await run(at, ['login', url], { loginTerminal: browserAt(issuer), env: { DISPLAY: ':0' } })
    expect(again.code).toBe(0)
  })

  it('logs in by device where it may not', async () => {
    const { url } = await backendWith({ providers: [listed('demo', issuer.issuer)], verify: issuer.verify })
    const { code, stderr } = await run(home(), ['login', url], { env: { DISPLAY: ':0' } }, deviceAt(issuer))
    expect([code, stderr()]).toEqual([0, expect.stringContaining('because this client has no address on loopback')])
  })

  it('takes no option that the back-end answers itself', async () => {
    const { url } = await backendWith({ providers: [listed('demo', issuer.issuer)] })
    const { code, stderr } = await run(home(), ['login', url, '--scope=openid'])
    expect([code, stderr()]).toEqual([2, expect.stringContaining('--scope is for an issuer')])
  })

  it('comes back to where a default client is listed, and one’s own as the openEO client has it', () => {
    const defaultClient = { id: 'c', grantTypes: ['authorization_code+pkce'], redirectUrls: ['http://localhost:1410/'] }
    const provider = { defaultClients: [defaultClient] } as never
    const own = {
      localhost: { host: 'localhost', path: '/callback' },
      client: { clientId: 'mine', from: 'config', pkce: false },
    } as const
    expect(backendRedirect({ provider, client: { clientId: 'c', from: 'default', pkce: true }, reasons: [] })).toEqual({
      host: 'localhost',
      ports: [1410],
      path: '/',
    })
    expect(backendRedirect({ provider, client: own.client, reasons: [] })).toEqual(own.localhost)
  })
})
