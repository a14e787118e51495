import { inspect } from 'node:util'
import {
  authorizationCode,
  type Client,
  type ClientAuthentication,
  ciba,
  client,
  clientAssertion,
  clientCredentials,
  clientSecretBasic,
  clientSecretPost,
  deviceCode,
  type Fetch,
  type IssuerOptions,
  introspect,
  jwtBearer,
  password,
  publicClient,
  refreshToken,
  register,
  revoke,
  tokenExchange,
  updateRegistration,
  userinfo,
} from '@latchkey/core'
import { type Reply, type ScriptedIssuer, type ScriptedRequest, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, test } from 'vitest'
import { discovered, hasty, thrown } from './thrown.ts'

const secret = 'PLANTED/secret+of=client&"x"'
const planted = {
  assertion: 'PLANTED.assertion-of.client',
  refresh: 'PLANTED-refresh/token+x',
  device: 'PLANTED-device"code',
  access: 'PLANTED-access',
  extra: 'PLANTED one-time code',
  code: 'PLANTED-authorization.code',
  subject: 'PLANTED-subject~token',
  actor: 'PLANTED/actor=token',
  registration: 'PLANTED-registration~token',
}

/** Everything that printing, logging or walking an error could show. */
function everythingOf(error: unknown): string {
  const seen = new Set<unknown>()
  const walk = (value: unknown): readonly string[] => {
    if (typeof value !== 'object' || value === null) return [String(value)]
    if (seen.has(value)) return []
    seen.add(value)
    return Reflect.ownKeys(value).flatMap((key) => [String(key), ...walk((value as Record<PropertyKey, unknown>)[key])])
  }
  const printed = [inspect(error, { depth: 12, showHidden: true }), JSON.stringify(error), String(error)]
  return [...printed, ...walk(error)].join('\n')
}

/** Says everything that it was sent, in every way, as servers do that want to be helpful. */
function echo(status: number, error: string) {
  return ({ body, headers, form }: ScriptedRequest): Reply => {
    const [scheme, basic = ''] = String(headers['authorization'] ?? '').split(' ')
    const password = scheme === 'Basic' ? atob(basic).replace(/^[^:]*:/, '') : basic
    const all = [body, ...Object.values(form), basic, password, decodeURIComponent(password.replaceAll('+', ' '))]
    const said = all.map((one) => `${one} ${encodeURIComponent(one)} ${JSON.stringify(one)}`)
    return {
      status,
      headers: {
        'www-authenticate': `Bearer error="${error}", error_description=${JSON.stringify(all[1] ?? '')}`,
        location: `https://elsewhere.example/?${body}`,
        'content-type': `text/plain; x=${encodeURIComponent(body)}`,
      },
      // Each alone: a message is cut at some length.
      body: JSON.stringify({ error, error_description: said[echoed++ % said.length] }),
    }
  }
}
let echoed = 0

const leaky = (members: object): Reply => ({
  body: { access_token: planted.access, refresh_token: planted.refresh, token_type: 'bearer', ...members },
})

const claims = Buffer.from(JSON.stringify({ sub: 'x', iss: 'x' })).toString('base64url')
const idToken = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${claims}.PLANTEDsignature`

const replies: readonly (readonly [string, Reply | ((request: ScriptedRequest) => Reply)])[] = [
  ...[400, 401, 403, 429, 500, 302, 200].map(
    (status) => [`${status} that repeats all`, echo(status, 'invalid_grant')] as const,
  ),
  ['an unknown error that repeats all', echo(400, 'teapot')],
  ['an error that is what was sent', ({ form }) => ({ status: 400, body: { error: Object.values(form).at(-1) } })],
  ['another token type', leaky({ token_type: 'PLANTED-type' })],
  ['no token type', leaky({ token_type: undefined })],
  ['an access token with a line end', leaky({ access_token: `${planted.access}\r\nx` })],
  ['a scope that is a number', leaky({ scope: 5 })],
  ['an ID token that is bad', leaky({ id_token: idToken })],
  ['an ID token that is none', leaky({ id_token: 'PLANTED.id-token' })],
  ['half an answer', { body: `{"access_token":"${planted.access}","refresh_token":"${planted.refresh}` }],
  ['tokens in a list', { body: [planted.access] }],
  ['a reset', { fault: 'reset' }],
  ['a cut', { ...leaky({}), fault: 'cut' }],
  ['silence', { fault: 'silent' }],
]

const ways: readonly (readonly [string, ClientAuthentication])[] = [
  ['none', publicClient()],
  ['Basic', clientSecretBasic(secret)],
  ['post', clientSecretPost(secret)],
  ['an assertion', clientAssertion(() => planted.assertion)],
]

const parameters = { otp: planted.extra }
const wanted = { clientName: 'name', grantTypes: ['refresh_token'], scope: 'read' }
const registered = {
  clientId: 'c',
  clientSecret: secret,
  registrationToken: planted.registration,
  differences: [],
  metadata: {},
}
const byCode = (par: boolean) => (made: Client) => {
  const receive = async ({ state }: { readonly state: string }): Promise<string> =>
    `code=${planted.code}&state=${state}`
  return authorizationCode(made, { redirectUri: 'https://a.example', receive, par, parameters })()
}
const calls: readonly (readonly [string, (made: Client, at: IssuerOptions) => Promise<unknown>])[] = [
  ['client credentials', (made) => clientCredentials(made, { parameters })()],
  ['a refresh', (made) => refreshToken(made, planted.refresh, { parameters })()],
  ['a login by code', byCode(false)],
  ['a login by code, pushed', byCode(true)],
  [
    'an exchange',
    (made) => tokenExchange(made, { subjectToken: planted.subject, actorToken: () => planted.actor, parameters })(),
  ],
  ['a JWT presented', (made) => jwtBearer(made, { assertion: planted.assertion, parameters })()],
  ['a name and a password', (made) => password(made, { username: 'marie', password: planted.extra })()],
  ['a login on another device', (made) => ciba(made, { loginHintToken: planted.subject, userCode: planted.extra })()],
  ['an introspection', (made) => introspect(made, planted.access)],
  ['userinfo', (made) => userinfo(made, planted.access, { subject: undefined })],
  ['a registration', (_, at) => register(at, wanted, { initialAccessToken: planted.registration })],
  [
    'a changed registration',
    (_, at) => updateRegistration(at, { ...registered, registrationUri: `${at.issuer}/register` }, wanted),
  ],
  ['a device login', (made) => deviceCode(made, { prompt: () => undefined, pkce: true, parameters })()],
]

async function withIssuer(
  reply: Reply | ((request: ScriptedRequest) => Reply),
  run: (at: ScriptedIssuer) => Promise<void>,
) {
  const device = {
    device_code: planted.device,
    user_code: 'U',
    verification_uri: 'https://a.example',
    expires_in: 4,
    interval: 1,
  }
  const asked = { auth_req_id: planted.device, expires_in: 4, interval: 1 }
  const pushed = { request_uri: 'urn:x' }
  const others = ['POST /revoke', 'POST /introspect', 'GET /userinfo', 'POST /register', 'PUT /register']
  const issuer = await scriptedIssuer(
    [
      { request: 'POST /device_authorization', times: 9, reply: { body: device } },
      { request: 'POST /ciba', times: 9, reply: { body: asked } },
      { request: 'POST /par', times: 9, reply: { status: 201, body: pushed } },
      { request: 'POST /token', times: 99, reply },
      ...others.map((request) => ({ request, times: 9, reply })),
    ],
    {
      metadata: (at) => ({
        backchannel_authentication_endpoint: `${at}/ciba`,
        pushed_authorization_request_endpoint: `${at}/par`,
      }),
    },
  )
  try {
    await run(issuer)
  } finally {
    await issuer.close()
  }
}

// Every way to prove who asks, with the call that is nothing but that; the others with one.
const waysOf = (name: string): typeof ways => (name === 'client credentials' ? ways : ways.slice(1, 2))

describe.each(calls)('%s', (name, call) => {
  test.each(replies)('lets no secret out by %s', async (_, reply) => {
    const timeoutMs = 'fault' in reply && reply.fault === 'silent' ? 2_000 : 600_000
    await withIssuer(reply, async ({ issuer, received }) => {
      await discovered(issuer)
      for (const [, clientAuthentication] of waysOf(name)) {
        const made = client({ issuer, clientId: 'c', clientAuthentication, clock: hasty, timeoutMs })
        const shown = everythingOf(await thrown(call(made, { issuer, clock: hasty, timeoutMs })))
        expect(shown).not.toContain('PLANTED')
        const verifier = received('/token').at(-1)?.form['code_verifier']
        if (verifier !== undefined) expect(shown).not.toContain(verifier)
      }
    })
  })
})

describe('a secret', () => {
  test.each(['reset', 'cut', 'silent', 'endless'] as const)(
    'is not in what a revocation fails with (%s)',
    async (fault) => {
      await withIssuer({ fault, body: planted }, async ({ issuer }) => {
        await discovered(issuer)
        for (const [, clientAuthentication] of ways) {
          const made = client({ issuer, clientId: 'c', clientAuthentication, clock: hasty, timeoutMs: 5_000 })
          expect(everythingOf(await thrown(revoke(made, planted.refresh)))).not.toContain('PLANTED')
        }
      })
    },
  )

  test('is not in what a fetch fails with, though that repeats the request', async () => {
    await withIssuer({}, async ({ issuer }) => {
      const telling: Fetch = async (input, init) => {
        if (init.method !== 'POST') return fetch(input, init)
        const inner = Object.assign(new Error(`bad header ${new Headers(init.headers).get('authorization')}`), { init })
        throw Object.assign(new TypeError(`${input} ${(init.body as URLSearchParams).toString()}`, { cause: inner }), {
          request: init,
        })
      }
      const made = client({ issuer, clientId: 'c', clientSecret: secret, fetch: telling })
      const error = await thrown(refreshToken(made, planted.refresh)())
      expect(error.code).toBe('NETWORK')
      const shown = everythingOf(error)
      expect(shown).toContain('<redacted>')
      for (const form of ['PLANTED', btoa(`c:${new URLSearchParams({ x: secret }).toString().slice(2)}`)]) {
        expect(shown).not.toContain(form)
      }
    })
  })

  test('echoed is told from the rest, which a person needs', async () => {
    const reply = {
      status: 401,
      body: { error: 'invalid_token', error_description: `Refresh token for value ${planted.refresh} was not found` },
    }
    await withIssuer(reply, async ({ issuer }) => {
      const error = await thrown(refreshToken(client({ issuer, clientId: 'c' }), planted.refresh)())
      expect(error.message).toContain('invalid_token: Refresh token for value <redacted> was not found. Log in again.')
    })
  })
})

describe('text from a server', () => {
  const evil = '\u001b]0;owned\u0007\u202etxt\r\nSet-Cookie: x'
  test.each<[string, Reply]>([
    ['error_description', { status: 400, body: { error: 'invalid_scope', error_description: evil } }],
    ['error', { status: 400, body: { error: evil } }],
    [
      'a challenge',
      { status: 401, headers: { 'www-authenticate': 'Bearer error="x", error_description="\u009b31m"' } },
    ],
    ['a content type', { status: 404, headers: { 'content-type': 'text/\u0085\u009b' }, body: 'x' }],
    ['a redirect', { status: 302, headers: { location: 'http://[\u009b31m' } }],
  ])('in %s is escaped', async (_, reply) => {
    await withIssuer(reply, async ({ issuer }) => {
      const error = await thrown(clientCredentials(client({ issuer, clientId: 'c' }))())
      expect(JSON.stringify(error.message)).toContain('\\\\u00')
      expect(`${error.message}${JSON.stringify(error)}`).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    })
  })
})
