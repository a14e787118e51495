import { existsSync } from 'node:fs'
import { knownBackends, storedBackend } from '@latchkey/openeo/known-backends'
import type { OpeneoOptions } from '@latchkey/testkit'
import { describe, expect, it } from 'vitest'
import { home } from './support/home.ts'
import { backendsIn, backendWith, listed, run } from './support/openeo.ts'

// Nobody asks it: a provider out of reach keeps nobody from configuring a client of another.
const issuer = 'https://issuer.invalid/realm/'

describe('auth add-oidc', () => {
  const two = (): OpeneoOptions => ({
    providers: [listed('one', issuer), listed('two', issuer, { default_clients: [] })],
  })

  it('lets a person choose the provider, and asks for client and secret', async () => {
    const at = home()
    const { url } = await backendWith(two())
    const input = '0\n-1\ntwo\n3\n2\n mine \ns3cret\n'
    const done = await run(at, ['add-oidc', url], { terminal: true, input })
    expect(done.code).toBe(0)
    expect(done.stdout()).toBe(
      `Will add OpenID Connect auth config for backend URL '${url}'\nto config file: '${at.config}'\n` +
        `Backend '${url}' has multiple OpenID Connect providers.\n` +
        `[1] Title of one (issuer ${issuer})\n[2] Title of two (issuer ${issuer})\n` +
        `Using provider ID 'two' (issuer '${issuer}')\nUsing client ID 'mine'\n` +
        `Saved client information to '${at.config}'\n`,
    )
    expect(done.stderr().match(/Enter a number from 1 to 2\./g)).toHaveLength(4)
    expect(done.stderr()).toContain('Enter client_id and press enter: ')
    expect(done.hidden()).toEqual(['Enter client_secret or leave empty to not use a secret, and press enter: '])
    expect(backendsIn(at)[url]?.oidc?.providers).toEqual({
      two: { date: expect.any(String), client_id: 'mine', client_secret: 's3cret', issuer: issuer },
    })
  })

  it.each([
    [['--use-default-client'], '', null, null],
    [['--client-id=c', '--no-client-secret'], '', 'c', null],
    [['--client-id=c'], '\n', 'c', null],
    [['--client-id=c'], 'pw\n', 'c', 'pw'],
    [['--client-id=c', '--client-secret-file=-'], 'pw', 'c', 'pw'],
    [[], '\n', null, null],
    [[], 'c\npw\n', 'c', 'pw'],
  ])('with %j and stdin %j stores client %j with secret %j', async (words, input, clientId, secret) => {
    const at = home()
    const { url } = await backendWith(two())
    const done = await run(at, ['add-oidc', url, '--provider-id', 'one', ...words], { input })
    expect([done.code, done.stderr()]).toEqual([0, ''])
    const stored = backendsIn(at)[url]?.oidc?.providers['one']
    expect(stored).toMatchObject({ client_id: clientId, client_secret: secret })
  })

  it('counts for more than the login that was made at the back-end before', async () => {
    const at = home()
    const { url } = await backendWith({ providers: [listed('demo', issuer)] })
    const known = knownBackends({ env: at.env })
    await known.set(url, { providerId: 'demo', issuer, clientId: 'earlier', bareJwt: false })
    expect((await run(at, ['add-oidc', url, '--client-id=c', '--no-client-secret'])).code).toBe(0)
    expect(await storedBackend(url, { env: at.env })).toMatchObject({ clientId: 'c' })
  })

  it('takes the secret of the environment where it is meant for this client', async () => {
    const at = home()
    const { url } = await backendWith({ providers: [listed('demo', issuer)] })
    const env = { LATCHKEY_CLIENT_SECRET: 'from-env', LATCHKEY_CLIENT_ID: 'c' }
    expect((await run(at, ['add-oidc', url, '--client-id=c'], { env })).code).toBe(0)
    expect(backendsIn(at)[url]?.oidc?.providers['demo']).toMatchObject({ client_secret: 'from-env' })
  })

  it.each([
    [[], '', 'Say which with --provider-id one or two.'],
    [[], 'x\n'.repeat(10), 'Failed to pick valid option. Say which'],
    [['--provider-id=three'], '', "Invalid provider ID 'three'. Should be one of ['one', 'two']."],
    [['--provider-id=one'], '', 'add --client-id ID or --use-default-client.'],
    [['--provider-id=two'], '', 'add --client-id ID.'],
    [['--provider-id=two', '--client-id=c'], '', '--client-secret-file FILE'],
    [['--provider-id=two', '--client-secret=c'], '', 'would show a secret'],
  ])('with %j and stdin %j says what is missing', async (words, input, message) => {
    const at = home()
    const { url } = await backendWith(two())
    const { code, stderr } = await run(at, ['add-oidc', url, ...words], { input })
    expect([code, stderr()]).toEqual([2, expect.stringContaining(message)])
    expect(existsSync(at.config)).toBe(false)
  })

  it('escapes what the back-end writes', async () => {
    const bad = listed('bad', issuer, { title: 'a\u001b[2Jb' })
    const { url } = await backendWith({ providers: [bad, listed('other', issuer)] })
    const { stdout } = await run(home(), ['add-oidc', url], { input: '1\n' })
    expect(stdout()).toContain('[1] a\\u001b[2Jb (issuer')
  })

  it('of a back-end without providers fails', async () => {
    const { url } = await backendWith({ providers: [] })
    const { code, stderr } = await run(home(), ['add-oidc', url])
    expect([code, stderr()]).toEqual([1, `auth: No OpenID Connect providers listed by backend '${url}'.\n`])
  })
})
