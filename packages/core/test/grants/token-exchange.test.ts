import {
  type AuthErrorCode,
  cached,
  client,
  staticToken,
  type TokenExchangeOptions,
  tokenExchange,
} from '@latchkey/core'
import { type Provider, provider, type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange'

describe('a token exchange at an OpenID provider', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider({
      accessTokenTtl: 60,
      clients: [
        {
          client_id: 'gateway',
          client_secret: 'a secret',
          grant_types: [grantType],
          response_types: [],
          redirect_uris: [],
        },
      ],
    })
  })
  afterAll(() => at.close())
  const made = (scope?: string) => client({ issuer: at.issuer, clientId: 'gateway', clientSecret: 'a secret', scope })

  test("gives a token with the person's rights, for another API and with less scope", async () => {
    const { accessToken } = await at.issue({ login: 'pierre' })
    const options = { subjectToken: accessToken, scope: 'read', audience: 'https://api.example.org' }
    const set = await tokenExchange(made(), options)()
    expect(at.verify(set.token.accessToken)).toEqual({
      clientId: 'gateway',
      login: 'pierre',
      scope: 'read',
      audience: 'https://api.example.org',
      jkt: undefined,
    })
    expect(set.scope).toBe('read')
  })

  test('of a source takes its token, and asks it again at the next exchange', async () => {
    const { accessToken } = await at.issue({ login: 'ada' })
    const source = cached(tokenExchange(made('read'), { subjectToken: staticToken(accessToken) }))
    const first = await source.getToken()
    expect(at.verify(first.accessToken)).toMatchObject({ login: 'ada', scope: 'read' })
    const second = await source.getToken({ rejected: first })
    expect(second.accessToken).not.toBe(first.accessToken)
  })

  test('for more than the subject token has, or of one that nobody knows, is CONFIG_INVALID', async () => {
    const { accessToken } = await at.issue({ scope: 'openid read' })
    const wider = await thrown(tokenExchange(made(), { subjectToken: accessToken, scope: 'read write' })())
    expect(wider).toMatchObject({ code: 'CONFIG_INVALID', refusal: { error: 'invalid_scope' } })
    const unknown = await thrown(tokenExchange(made(), { subjectToken: 'nothing', scope: 'read' })())
    expect(unknown).toMatchObject({ code: 'CONFIG_INVALID', refusal: { error: 'invalid_request' } })
  })
})

describe('a token exchange', () => {
  let issuer: ScriptedIssuer
  beforeEach(async () => {
    issuer = await scriptedIssuer([])
  })
  afterEach(() => issuer.close())

  const exchanged = (options: TokenExchangeOptions, reply: Reply) => {
    issuer.add({ request: 'POST /token', reply })
    return tokenExchange(client({ issuer: issuer.issuer, clientId: 'c', scope: 'own' }), options)()
  }
  const good: Reply = {
    body: { access_token: 'AT', token_type: 'Bearer', refresh_token: 'RT', issued_token_type: 'x' },
  }

  test('names the kinds of its tokens, by their last word or whole', async () => {
    const options = {
      subjectToken: async () => 'SUBJECT-1',
      subjectTokenType: 'id_token',
      actorToken: 'ACTOR-1',
      requestedTokenType: 'urn:example:kind',
    } as const
    const set = await exchanged(options, good)
    expect(issuer.received('/token')[0]?.form).toEqual({
      grant_type: grantType,
      subject_token: 'SUBJECT-1',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      actor_token: 'ACTOR-1',
      actor_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:example:kind',
      scope: 'own',
      client_id: 'c',
    })
    expect(set).toMatchObject({ refreshToken: 'RT', scope: 'own' })
  })

  test.each<[string, number, AuthErrorCode]>([
    ['invalid_token', 401, 'LOGIN_REQUIRED'],
    ['invalid_grant', 400, 'LOGIN_REQUIRED'],
    ['invalid_target', 400, 'CONFIG_INVALID'],
    ['access_denied', 403, 'CONFIG_INVALID'],
    ['unauthorized_client', 400, 'CONFIG_INVALID'],
  ])('refused with %s is %s, and repeats no token', async (error, status, code) => {
    const reply = { status, body: { error, error_description: 'subject SUBJECT-1 of ACTOR-1' } }
    const failure = await thrown(exchanged({ subjectToken: 'SUBJECT-1', actorToken: 'ACTOR-1' }, reply))
    expect(failure.code).toBe(code)
    expect(failure.message).toContain('subject <redacted> of <redacted>')
  })

  test('without a token to exchange is CONFIG_INVALID, and nothing is sent', async () => {
    for (const subjectToken of ['', () => '', async () => undefined as unknown as string]) {
      expect(await thrown(exchanged({ subjectToken }, good))).toMatchObject({ code: 'CONFIG_INVALID' })
    }
    expect(issuer.received('/token')).toEqual([])
  })

  test('whose subject token never comes ends with the signal', async () => {
    const stop = new AbortController()
    const subjectToken = (): Promise<string> => {
      stop.abort()
      return new Promise(() => undefined)
    }
    const made = client({ issuer: issuer.issuer, clientId: 'c' })
    const work = tokenExchange(made, { subjectToken })({ signal: stop.signal })
    expect(await thrown(work)).toMatchObject({ code: 'ABORTED' })
  })
})
