import {
  type AuthorizationCodeOptions,
  type AuthorizationPrompt,
  authorizationCode,
  client,
  type GrantOptions,
} from '@latchkey/core'
import { type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

const redirectUri = 'http://127.0.0.1:12345/callback'

let issuer: ScriptedIssuer
beforeEach(async () => {
  issuer = await scriptedIssuer([])
})
afterEach(() => issuer.close())

const again = async (metadata: Readonly<Record<string, unknown>>): Promise<void> => {
  await issuer.close()
  issuer = await scriptedIssuer([], { metadata })
}

/** A login that goes as far as the browser. */
const begun = (
  look: (prompt: AuthorizationPrompt) => void,
  options: Partial<AuthorizationCodeOptions> = {},
  how: GrantOptions = {},
) => {
  const receive = async (prompt: AuthorizationPrompt): Promise<string> => {
    look(prompt)
    return 'nothing'
  }
  const made = client({ issuer: issuer.issuer, clientId: 'c', scope: 'openid read' })
  return thrown(authorizationCode(made, { redirectUri, receive, ...options })(how))
}
const nobody = (): never => expect.unreachable('nobody is sent there')

describe('the request for a login', () => {
  const ask = async (options: Partial<AuthorizationCodeOptions> = {}, how?: GrantOptions) => {
    let asked: object | undefined
    await begun(({ url }) => void (asked = Object.fromEntries(new URL(url).searchParams)), options, how)
    return asked as Readonly<Record<string, string>>
  }
  const text43 = expect.stringMatching(/^[\w-]{43}$/)

  test('has a proof key by S256, a state and a nonce, new ones each time', async () => {
    const first = await ask()
    expect(first).toEqual({
      response_type: 'code',
      client_id: 'c',
      redirect_uri: redirectUri,
      state: text43,
      nonce: text43,
      code_challenge: text43,
      code_challenge_method: 'S256',
      scope: 'openid read',
    })
    const second = await ask()
    for (const name of ['state', 'nonce', 'code_challenge']) expect(second[name]).not.toBe(first[name])
  })

  test.each([[['plain']], [[]], [undefined]])('has S256 where the issuer lists %j', async (listed) => {
    await again({ code_challenge_methods_supported: listed })
    expect(await ask()).toMatchObject({ code_challenge_method: 'S256' })
  })

  test('has what it was given, and nothing of that in place of its own', async () => {
    const parameters = { kc_idp_hint: 'x', state: 'mine', code_challenge_method: 'plain' }
    const wanted = { prompt: 'login', loginHint: 'marie@example.org', maxAge: 60, responseMode: 'form_post' } as const
    expect(await ask({ ...wanted, parameters, resource: 'https://r.example/', audience: 'a' })).toMatchObject({
      prompt: 'login',
      login_hint: 'marie@example.org',
      max_age: '60',
      response_mode: 'form_post',
      kc_idp_hint: 'x',
      state: text43,
      code_challenge_method: 'S256',
      resource: 'https://r.example/',
      audience: 'a',
    })
  })

  test('asks for consent with offline_access (OpenID Connect Core section 11)', async () => {
    expect(await ask({ scope: 'openid offline_access' })).toMatchObject({ prompt: 'consent' })
    expect(await ask({ scope: 'openid offline_access', prompt: 'login' })).toMatchObject({ prompt: 'login' })
  })

  test('asks for what an API wants beyond the usual (RFC 9470)', async () => {
    const stepUp = { scope: 'write read', acrValues: 'mfa', maxAge: 30 }
    const wanted = { scope: 'openid read write', acr_values: 'mfa', max_age: '30' }
    expect(await ask({ maxAge: 60 }, { stepUp })).toMatchObject(wanted)
    expect(await ask({ maxAge: 10 }, { stepUp })).toMatchObject({ max_age: '10' })
  })

  test('keeps what stands in the address already', async () => {
    await again({ authorization_endpoint: 'https://iam.example.org/authorize?tenant=1' })
    expect(await ask()).toMatchObject({ tenant: '1', client_id: 'c' })
  })

  const unfit = [
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://iam.example.org/authorize',
    'https://a:b@x.example/',
    `https://iam.example.org/${'a'.repeat(2048)}`,
  ]
  test.each(unfit)('is never sent to %.40s', async (endpoint) => {
    await again({ authorization_endpoint: endpoint })
    expect(await begun(nobody)).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('where the issuer has no such endpoint is UNSUPPORTED, and pushed where it takes none too', async () => {
    expect(await begun(nobody, { par: true })).toMatchObject({ code: 'UNSUPPORTED' })
    await again({ authorization_endpoint: undefined })
    expect(await begun(nobody)).toMatchObject({
      code: 'UNSUPPORTED',
      message: `${issuer.issuer} offers no authorization endpoint.`,
    })
  })

  test.each(['', 'callback', 'http://127.0.0.1/#x'])('with the redirect address "%s" is CONFIG_INVALID', (uri) => {
    const made = client({ issuer: issuer.issuer, clientId: 'c' })
    const make = () => authorizationCode(made, { redirectUri: uri, receive: async () => '' })
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })
})
