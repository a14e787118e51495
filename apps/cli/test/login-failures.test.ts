import { generateKeyPairSync, sign } from 'node:crypto'
import { type Exchange, provider, type Reply, type ScriptedOptions, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { home } from './support/home.ts'
import { type Ran, run } from './support/openeo.ts'
import { browserAt } from './support/person.ts'

const code = {
  device_code: 'd',
  user_code: 'AAAA-BBBB',
  verification_uri: 'https://issuer.test/device',
  expires_in: 600,
}

const refused = (error: string, description?: string): Reply => ({
  status: error === 'invalid_client' ? 401 : 400,
  body: { error, ...(description !== undefined && { error_description: description }) },
})
const page: Reply = { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>Blocked' }

async function loginAt(
  rows: readonly Exchange[],
  words: readonly string[] = [],
  how: ScriptedOptions = {},
  env = {},
): Promise<Ran & { readonly issuer: string }> {
  const at = await scriptedIssuer(rows, how)
  onTestFinished(() => at.close())
  const ran = await run(home(), ['login', at.issuer, '--client-id=script', ...words], { env })
  return { ...ran, issuer: at.issuer }
}

/** The last line, without the issuer's address, which is another one each time. */
function lastLine({ stderr, stdout, issuer }: Ran & { readonly issuer: string }): string {
  expect(stdout()).toBe('')
  const line = stderr().trimEnd().split('\n').at(-1) ?? ''
  return line.replaceAll(issuer, 'ISSUER').replaceAll(new URL(issuer).host, 'HOST')
}

/** As core says it, of which the command line says more. */
const startAgain = /Start (the login|it) again/

const again = 'Nothing was stored. Again: auth login ISSUER --client-id '

describe('a login by device ends in one line, with what to do', () => {
  const asked: Exchange = { request: 'POST /device_authorization', reply: { body: { ...code, interval: 1 } } }
  it.each([
    [
      'denied',
      [asked, { request: 'POST /token', reply: refused('access_denied', 'The end user denied it') }],
      3,
      ['denied', again],
    ],
    ['expired', [asked, { request: 'POST /token', reply: refused('expired_token') }], 3, ['expired_token', again]],
    ['of a client that is not known', [{ ...asked, reply: refused('invalid_client') }], 1, ['That is --client-id']],
    ['of a client without the grant', [{ ...asked, reply: refused('unauthorized_client') }], 1, ['--method browser']],
    [
      'of a client without the grant, at Keycloak',
      [{ ...asked, reply: refused('invalid_grant', 'Client not allowed for OAuth 2.0 Device Authorization Grant') }],
      1,
      ['Client not allowed', '--method browser'],
    ],
    ['for a scope that is not given', [{ ...asked, reply: refused('invalid_scope') }], 1, ['That is --scope.']],
    ['that a proxy answers with a page', [{ ...asked, reply: page }], 1, ['from a proxy: auth doctor ISSUER']],
    [
      'of a client that must send a proof key',
      [{ ...asked, reply: refused('invalid_request', 'Missing parameter: code_challenge_method') }],
      1,
      ['(PKCE). That is --pkce.'],
    ],
    [
      'of a client whose tokens must be bound to a key',
      [asked, { request: 'POST /token', reply: refused('invalid_request', 'DPoP proof is missing') }],
      1,
      ['(DPoP). auth makes no such logins: a program does, with session({ dpop: true })'],
    ],
    [
      'at an issuer out of order',
      [{ ...asked, reply: { status: 503, body: '' } }],
      4,
      ['Try again later', 'auth doctor'],
    ],
  ] as const)('%s', async (_, rows, expected, said) => {
    const ran = await loginAt(rows, ['--method=device'])
    expect(ran.code).toBe(expected)
    for (const part of said) expect(lastLine(ran)).toContain(part)
    expect(lastLine(ran)).not.toMatch(startAgain)
  })

  it('and asks for the same once more, whatever that was', async () => {
    const denied: Exchange = { request: 'POST /token', reply: refused('access_denied') }
    const words = ['--method=device', '--scope=openid read', '--audience=https://a.test,b', '--no-store']
    const line = lastLine(await loginAt([asked, denied], words))
    expect(line).toContain(`${again}script --scope 'openid read' --audience`)
    expect(line).toMatch(/ --no-store$/)
  })

  it('by an ID token that a wrong clock makes stale', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }
    const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const past = Math.floor(Date.now() / 1000) - 7_200
    const at = await scriptedIssuer((issuer) => {
      const body = `${b64({ alg: 'ES256', kid: 'k' })}.${b64({ iss: issuer, aud: 'script', sub: 's', iat: past, exp: past + 60 })}`
      const signature = sign('sha256', Buffer.from(body), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      const idToken = `${body}.${signature.toString('base64url')}`
      const token = { access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: idToken }
      return [
        asked,
        { request: 'POST /token', reply: { body: token } },
        { request: 'GET /jwks', reply: { body: { keys: [jwk] } } },
      ]
    })
    onTestFinished(() => at.close())
    const ran = await run(home(), ['login', at.issuer, '--client-id=script', '--method=device'])
    expect([ran.code, lastLine({ ...ran, issuer: at.issuer })]).toEqual([1, expect.stringMatching(/clock/i)])
  })
})

describe('a login that cannot begin says why', () => {
  const noDevice = { metadata: { device_authorization_endpoint: undefined } }
  const noCode = { metadata: { authorization_endpoint: undefined } }
  it.each([
    ['where there is no such login', ['--method=device'], noDevice, {}, 1, 'Try --method browser.'],
    ['where there is no page to open', ['--method=browser'], noCode, {}, 1, 'Try --method device.'],
    ['to paste without a terminal', ['--method=paste'], {}, {}, 3, 'That is --method device.'],
    ['in continuous integration', [], {}, { CI: 'true' }, 3, 'this is continuous integration'],
    ['where only pasting would help', [], noDevice, {}, 3, 'stdin is no terminal to paste into'],
  ] as const)('%s', async (...[_, words, how, env, expected, said]) => {
    const ran = await loginAt([], words, how, env)
    expect([ran.code, lastLine(ran)]).toEqual([expected, expect.stringContaining(said)])
  })

  it('where nobody answers, with the proxy that Node does not use', async () => {
    const words = ['login', 'http://127.0.0.1:1', '--client-id=script']
    const plain = await run(home(), words)
    expect([plain.code, plain.stderr()]).toEqual([
      4,
      expect.stringMatching(/^auth: .*auth doctor http:\/\/127\.0\.0\.1:1 finds out more\.\n$/),
    ])
    const behind = await run(home(), words, { env: { HTTPS_PROXY: 'http://user:hunter2@proxy.test' } })
    expect([behind.code, behind.stderr()]).toEqual([4, expect.stringMatching(/Try: export NODE_USE_ENV_PROXY=1\n$/)])
    expect(behind.stderr()).not.toContain('hunter2')
  })

  it('at once where nobody sits: no terminal, or continuous integration', async () => {
    const at = await scriptedIssuer([])
    onTestFinished(() => at.close())
    const words = ['login', at.issuer, '--client-id=script']
    const alone = await run(home(), words, { watched: false })
    const built = await run(home(), words, { terminal: true, env: { CI: 'true' } })
    for (const { code, stderr } of [alone, built]) {
      expect([code, stderr()]).toEqual([3, expect.stringMatching(/^auth: .*nobody may be there.*--method device/)])
    }
    expect(at.received('/device_authorization')).toEqual([])
  })

  it('where the client is not known', async () => {
    const at = await scriptedIssuer([])
    onTestFinished(() => at.close())
    const { code, stderr } = await run(home(), ['login', at.issuer])
    expect([code, stderr()]).toEqual([2, expect.stringContaining('Add --client-id ID, or --register.')])
  })

  it.each([
    [['--method=code'], '--method is auto, browser, device, paste.'],
    [['--port=http'], '--port is a port'],
    [['--port=80,70000'], '--port is a port'],
    [['--browser=x', '--no-browser'], 'contradict each other'],
    [['--method=browser', '--no-browser'], '--method paste'],
    [['--register'], 'it takes no --client-id'],
    [['--register-token-file=x'], 'goes with --register'],
    [['--no-store', '--account=x'], '--no-store keeps nothing'],
    [['--timeout=soon'], '--timeout is a number of seconds'],
  ])('with %j', async (words, said) => {
    const ran = await run(home(), ['login', 'iam.example.org', '--client-id=x', ...words])
    expect([ran.code, ran.stderr()]).toEqual([2, expect.stringContaining(said)])
  })
})

it('a login by browser that the person refuses ends with 3, and stores nothing', async () => {
  const issuer = await provider()
  onTestFinished(() => issuer.close())
  const at = home()
  const loginTerminal = browserAt(issuer, { deny: true })
  const ran = await run(at, ['login', issuer.issuer, '--client-id=browser', '--browser=firefox'], { loginTerminal })
  expect([ran.code, lastLine({ ...ran, issuer: issuer.issuer })]).toEqual([3, expect.stringContaining(again)])
  expect(ran.stderr()).not.toMatch(startAgain)
  expect((await run(at, ['status'])).stdout()).toBe('')
})
