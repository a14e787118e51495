import {
  type AuthorizationCodeOptions,
  type AuthorizationPrompt,
  authorizationCode,
  client,
  type GrantOptions,
  type TokenSet,
} from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SigningIssuer, signingIssuer } from '../issuer/signing-issuer.ts'
import { thrown } from '../issuer/thrown.ts'

const redirectUri = 'http://127.0.0.1:12345/callback'

let issuer: SigningIssuer
beforeEach(async () => {
  issuer = await signingIssuer()
})
afterEach(() => issuer.close())

const again = async (metadata: Readonly<Record<string, unknown>>): Promise<void> => {
  await issuer.close()
  issuer = await signingIssuer({ metadata })
}

type Come = (prompt: AuthorizationPrompt, asked: URLSearchParams) => URLSearchParams | string

/** A login whose browser brings back what `come` says. */
async function logIn(
  come: Come,
  options: Partial<AuthorizationCodeOptions> = {},
  how: GrantOptions = {},
): Promise<TokenSet> {
  const receive = async (prompt: AuthorizationPrompt): Promise<URLSearchParams | string> =>
    come(prompt, new URL(prompt.url).searchParams)
  const made = client({ issuer: issuer.issuer, clientId: 'c', scope: 'openid read' })
  return authorizationCode(made, { redirectUri, receive, ...options })(how)
}

const answer = (more: Readonly<Record<string, string>> = {}, state?: string): Come => {
  return (prompt) => new URLSearchParams({ code: 'CODE-1', state: state ?? prompt.state, ...more })
}

/** The same, with the ID token that the issuer would make for this login. */
async function granted(claims: object = {}, options: Partial<AuthorizationCodeOptions> = {}, how?: GrantOptions) {
  const receive = async ({ url, state }: AuthorizationPrompt): Promise<URLSearchParams> => {
    const nonce = new URL(url).searchParams.get('nonce')
    issuer.grants({ id_token: await issuer.idToken({ nonce, ...claims }) })
    return new URLSearchParams({ code: 'CODE-1', state })
  }
  return logIn(answer(), { receive, ...options }, how)
}

describe('what comes back', () => {
  test('is taken as parameters, as an address, or as its query, and the code is sent with its key', async () => {
    const texts: readonly ((query: string) => URLSearchParams | string)[] = [
      (query) => new URLSearchParams(query),
      (query) => `  ${redirectUri}?${query}\n`,
      (query) => `?${query}`,
      (query) => query,
      (query) => `${redirectUri}#${query}`,
    ]
    for (const text of texts) {
      issuer.grants({ scope: 'read' })
      const set = await logIn(({ state }) => text(`code=CODE-1&state=${state}`))
      expect(set.token.accessToken).toBe('AT')
    }
    expect(issuer.received('/token').at(-1)?.form).toEqual({
      grant_type: 'authorization_code',
      code: 'CODE-1',
      redirect_uri: redirectUri,
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
      client_id: 'c',
    })
  })

  const strays: readonly (readonly [string, Come, string])[] = [
    ['with another state', answer({}, 'other'), '(state)'],
    ['with an empty state', answer({ state: '' }), '(state)'],
    ['without a state', () => new URLSearchParams({ code: 'CODE-1' }), '(state)'],
    ['with two states', ({ state }) => `code=CODE-1&state=${state}&state=x`, '(state)'],
    ['with an error and no state', () => 'error=access_denied', '(state)'],
    ['from another issuer', answer({ iss: 'https://evil.example' }), '(iss)'],
    ['from an issuer without a name', answer({ iss: '' }), '(iss)'],
    ['from two issuers', ({ state }) => `code=C&state=${state}&iss=${issuer.issuer}&iss=https://evil.example`, '(iss)'],
    ['with an error from another issuer', ({ state }) => `error=x&state=${state}&iss=https://evil.example`, '(iss)'],
    ['without a code', ({ state }) => `state=${state}`, 'no code'],
    ['with an empty code', answer({ code: '' }), 'no code'],
    ['with two codes', ({ state }) => `code=CODE-1&code=CODE-2&state=${state}`, 'more than one'],
    ['with two errors', ({ state }) => `error=access_denied&error=x&state=${state}`, 'more than one error'],
    ['that is nothing', () => '', '(state)'],
  ]
  test.each(strays)('%s is not the answer, and its code is not sent', async (_, come, says) => {
    let knows: boolean | undefined
    const look: Come = (prompt, asked) => {
      const back = come(prompt, asked)
      knows = prompt.isAnswer(back)
      return back
    }
    const error = await thrown(logIn(look))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toContain(says)
    expect(error.message).not.toMatch(/CODE-|evil/)
    expect(knows).toBe(false)
    expect(issuer.received('/token')).toEqual([])
  })

  test('names its issuer where the issuer says that it does (RFC 9207)', async () => {
    await again({ authorization_response_iss_parameter_supported: true })
    expect(await thrown(logIn(answer()))).toMatchObject({ code: 'RESPONSE_INVALID' })
    issuer.grants({ scope: 'read' })
    const named: Come = (prompt) => `code=CODE-1&state=${prompt.state}&iss=${encodeURIComponent(issuer.issuer)}`
    expect((await logIn(named)).token.accessToken).toBe('AT')
  })

  const refusals: readonly (readonly [string, string, string])[] = [
    ['access_denied', 'LOGIN_DENIED', 'Start the login again if that was not meant.'],
    ['user_cancelled_login', 'LOGIN_DENIED', 'Start the login again'],
    ['login_required', 'LOGIN_REQUIRED', 'Log in again.'],
    ['consent_required', 'LOGIN_REQUIRED', 'Log in again.'],
    ['invalid_scope', 'CONFIG_INVALID', 'Check the client id'],
    ['invalid_request', 'CONFIG_INVALID', 'Check the client id'],
    ['unauthorized_client', 'CONFIG_INVALID', 'Check the client id'],
    ['unmet_authentication_requirements', 'UNSUPPORTED', ''],
    ['temporarily_unavailable', 'SERVER_ERROR', 'Try again later.'],
    ['constructor', 'RESPONSE_INVALID', ''],
  ]
  test.each(refusals)('with %s is %s', async (said, code, next) => {
    let knows = false
    const come: Come = (prompt) => {
      const back = new URLSearchParams({ error: said, state: prompt.state })
      knows = prompt.isAnswer(back)
      return back
    }
    const error = await thrown(logIn(come))
    expect(error.code).toBe(code)
    expect(error.message).toContain(`The login at ${issuer.issuer} failed: ${said}. ${next}`.trim())
    expect(knows).toBe(true)
  })

  test("with Keycloak's authentication_expired is LOGIN_EXPIRED: its page stood open for too long", async () => {
    const back = { error: 'temporarily_unavailable', error_description: 'authentication_expired' }
    expect(await thrown(logIn(answer(back)))).toMatchObject({ code: 'LOGIN_EXPIRED' })
  })

  test('is escaped before it is shown, and repeats nothing that we sent', async () => {
    const come: Come = ({ state }) =>
      new URLSearchParams({ error: 'x\u001b[2J', error_description: `no \u202e ${state}`, state, code: 'CODE-1' })
    const error = await thrown(logIn(come))
    expect(error.message).toContain('x\\u001b[2J: no \\u202e <redacted>')
    expect(error.message).not.toContain('CODE-1')
  })

  test('that never comes ends with the signal, and a receive that fails with its error', async () => {
    const stop = new AbortController()
    const receive = (): Promise<string> => {
      stop.abort()
      return new Promise(() => undefined)
    }
    expect(await thrown(logIn(answer(), { receive }, { signal: stop.signal }))).toMatchObject({ code: 'ABORTED' })
    const failing = (): never => {
      throw new Error('no browser')
    }
    await expect(logIn(answer(), { receive: failing })).rejects.toThrow('no browser')
  })
})

describe('the exchange of the code', () => {
  test.each<[string, object, string]>([
    ['expired or was used', { error: 'invalid_grant' }, 'LOGIN_EXPIRED'],
    ['the issuer does not like', { error: 'invalid_request' }, 'RESPONSE_INVALID'],
    ['came from a client that it does not know', { error: 'invalid_client' }, 'CONFIG_INVALID'],
  ])('that %s is %s', async (_, body, code) => {
    issuer.add({ request: 'POST /token', reply: { status: 400, body: { ...body, error_description: 'code CODE-1' } } })
    const error = await thrown(logIn(answer()))
    expect(error.code).toBe(code)
    expect(error.message).toContain('The authorization code grant failed')
    expect(error.message).not.toContain('CODE-1')
  })

  test('takes an ID token with its nonce', async () => {
    expect((await granted()).idTokenClaims).toMatchObject({ sub: 'marie' })
  })

  const now = (): number => Math.floor(Date.now() / 1000)
  const bad: readonly (readonly [string, object, Partial<AuthorizationCodeOptions>, string])[] = [
    ['for another login', { nonce: 'other' }, {}, '(nonce)'],
    ['without a nonce', { nonce: undefined }, {}, '(nonce)'],
    ['of another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, {}, '(at_hash)'],
    ['that does not say when the person authenticated', {}, { maxAge: 60 }, '(auth_time)'],
    ['of a person who authenticated too long ago', { auth_time: now() - 600 }, { maxAge: 60 }, '(auth_time)'],
  ]
  test.each(bad)('refuses an ID token %s', async (_, claims, options, says) => {
    const error = await thrown(granted(claims, options))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toContain(says)
  })

  test('takes the time of authentication that a step-up asks for', async () => {
    const how = { stepUp: { maxAge: 60 } }
    expect((await granted({ auth_time: now() - 30 }, {}, how)).idTokenClaims).toBeDefined()
    expect(await thrown(granted({ auth_time: now() - 600 }, {}, how))).toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('wants an ID token where openid was granted, and misses none where it was not', async () => {
    issuer.grants({})
    const error = await thrown(logIn(answer()))
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toContain('brings no ID token')
    issuer.grants({ scope: 'read' })
    expect((await logIn(answer())).scope).toBe('read')
  })
})
