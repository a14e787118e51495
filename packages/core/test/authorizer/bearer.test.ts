import {
  type Answer,
  AuthError,
  anyOf,
  bearer,
  type GetTokenOptions,
  StepUpRequiredError,
  type Token,
  type TokenSource,
  type Verdict,
} from '@latchkey/core'
import { countingSource, manualClock } from '@latchkey/testkit'
import { authorizerContract } from '@latchkey/testkit/contracts/authorizer'
import { describe, expect, test } from 'vitest'
import { answer, authorization, callApi } from './answers.ts'

const api = 'https://api.example.org'
const minute = 60_000

authorizerContract('bearer', { make: () => bearer(countingSource({ delay: 0 }), api) })
authorizerContract('bearer of several origins', {
  make: () => bearer(countingSource({ delay: 0 }), ['https://other.example.org', api]),
})

describe('bearer', () => {
  test('one token has one authorization, the same object for each request', async () => {
    const source = countingSource({ delay: 0 })
    const authorizer = bearer(source, api)
    const first = await authorization(authorizer)
    expect(await authorization(authorizer)).toBe(first)
    expect(first.headers).toEqual({ authorization: 'Bearer t1' })
    source.expire()
    expect((await authorization(authorizer)).headers).toEqual({ authorization: 'Bearer t2' })
  })

  test('a source is not asked for a request that goes elsewhere', async () => {
    const source = countingSource()
    await bearer(source, api)({ method: 'GET', url: new URL('https://elsewhere.example/') })
    expect(source.asked).toBe(0)
  })

  test('the refused token itself goes back to the source, however it was formatted', async () => {
    const asked: (GetTokenOptions | undefined)[] = []
    const inner = countingSource({ delay: 0 })
    const source: TokenSource = {
      getToken: (options) => {
        asked.push(options)
        return inner.getToken(options)
      },
    }
    const format = ({ tokenType, accessToken }: Token): string => `${tokenType} oidc/egi/${accessToken}`
    const first = await authorization(bearer(source, api, { format }))
    expect(first.headers['authorization']).toBe('Bearer oidc/egi/t1')
    const next = await first.answered?.(answer(401))
    expect(next?.headers['authorization']).toBe('Bearer oidc/egi/t2')
    expect(asked.map((options) => options?.rejected?.accessToken)).toEqual([undefined, 't1'])
  })

  test('one reason is good for one replay', async () => {
    const source = countingSource({ delay: 0 })
    expect(await callApi(bearer(source, api), () => 401)).toEqual([401, 401])
    expect(source.renewals).toBe(1)
  })

  test('a source that has nothing better leaves the answer to the caller, other failures are thrown', async () => {
    const codes = ['UNSUPPORTED', 'TOKEN_REFUSED', 'LOGIN_REQUIRED', 'NETWORK'] as const
    const outcome = async (code: (typeof codes)[number]): Promise<unknown> => {
      const fails = new AuthError(code, 'no')
      const first = await authorization(bearer(countingSource({ delay: 0, fails }), api))
      return first.answered?.(answer(401))?.catch((error: AuthError) => error.code)
    }
    expect(await Promise.all(codes.map(outcome))).toEqual([undefined, undefined, 'LOGIN_REQUIRED', 'NETWORK'])
  })

  test('a source that gives the refused token again is not believed', async () => {
    const source: TokenSource = { getToken: async () => ({ accessToken: 'same', tokenType: 'Bearer' }) }
    expect(await callApi(bearer(source, api), () => 401)).toEqual([401])
  })

  test('DPoP tokens are not sent as if they were Bearer tokens', async () => {
    const source: TokenSource = { getToken: async () => ({ accessToken: 'x', tokenType: 'DPoP' }) }
    await expect(authorization(bearer(source, api))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('a token that no header can carry fails without being repeated', async () => {
    const source: TokenSource = { getToken: async () => ({ accessToken: 's3cret\r\nx: y', tokenType: 'Bearer' }) }
    const error: Error = await authorization(bearer(source, api)).then(
      () => new Error('accepted'),
      (thrown: Error) => thrown,
    )
    expect(error).toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(error.message).not.toContain('s3cret')
  })

  test('a verdict of "caller" renews nothing where the standards would; undefined leaves it to them', async () => {
    const source = countingSource({ delay: 0 })
    const stale = (status: number, text: string): Promise<unknown> => {
      const verdict = async (seen: Answer): Promise<Verdict> =>
        (await seen.text()) === 'old' ? 'token' : (await seen.text()) === 'other' ? 'caller' : undefined
      return authorization(bearer(source, api, { verdict })).then((first) => first.answered?.(answer(status, { text })))
    }
    expect(await stale(401, 'other')).toBeUndefined()
    const more = answer(401, { text: 'other', challenge: 'Bearer error="insufficient_scope", scope="w"' })
    const first = await authorization(bearer(source, api, { verdict: () => 'caller' }))
    expect(await first.answered?.(more)).toBeUndefined()
    expect(source.renewals).toBe(0)
    expect(await stale(403, 'old')).toBeDefined()
    expect(source.renewals).toBe(1)
    expect(await stale(401, '?')).toBeDefined()
    expect(source.renewals).toBe(2)
  })

  test('the signal of a request reaches the source, also in a renewal', async () => {
    const authorizer = bearer(countingSource({ delay: 1000 }), api)
    const { signal } = new AbortController()
    const fired = AbortSignal.abort()
    await expect(authorizer({ method: 'GET', url: new URL(api), signal: fired })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    const first = await authorizer({ method: 'GET', url: new URL(api), signal })
    await expect(first?.answered?.(answer(401, { signal: fired }))).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

describe('a renewal that did not help', () => {
  test('is not repeated for 5 minutes: 20 calls of an API that refuses for ever cost one exchange', async () => {
    const clock = manualClock()
    const source = countingSource({ delay: 0 })
    const authorizer = bearer(source, api, { clock })
    for (let call = 0; call < 20; call++) await callApi(authorizer, () => 401)
    expect(source.renewals).toBe(1)
    await clock.advance(4.9 * minute)
    await callApi(authorizer, () => 401)
    expect(source.renewals).toBe(1)
    await clock.advance(0.2 * minute)
    await callApi(authorizer, () => 401)
    expect(source.renewals).toBe(2)
  })

  test('is forgotten once a good answer to the replay shows that it did help', async () => {
    const source = countingSource({ delay: 0 })
    const authorizer = bearer(source, api)
    expect(await callApi(authorizer, (header) => (header === 'Bearer t1' ? 401 : 200))).toEqual([401, 200])
    expect(await callApi(authorizer, (header) => (header === 'Bearer t2' ? 401 : 200))).toEqual([401, 200])
    expect(source.renewals).toBe(2)
  })

  test('does not keep another token in the source from being taken at once', async () => {
    const source = countingSource({ delay: 0 })
    const authorizer = bearer(source, api)
    await callApi(authorizer, () => 401)
    const refused = await authorization(authorizer)
    await source.getToken({ rejected: await source.getToken() }) // another process renewed
    const next = await refused.answered?.(answer(401))
    expect(next?.headers['authorization']).toBe('Bearer t3')
    expect(source.renewals).toBe(2)
  })

  test('a late refusal of an older token takes the newer one without a renewal', async () => {
    const source = countingSource({ delay: 0 })
    const authorizer = bearer(source, api)
    const first = await authorization(authorizer)
    const replays = await Promise.all(Array.from({ length: 30 }, async () => first.answered?.(answer(401))))
    expect(replays.map((replay) => replay?.headers['authorization'])).toEqual(replays.map(() => 'Bearer t2'))
    expect((await first.answered?.(answer(401)))?.headers['authorization']).toBe('Bearer t2')
    expect(source.renewals).toBe(1)
  })

  test('a token that comes back after another is still known', async () => {
    const tokens = ['a', 'b', 'a', 'b', 'a']
    const source: TokenSource = { getToken: async () => ({ accessToken: tokens.shift() ?? 'z', tokenType: 'Bearer' }) }
    const authorizer = bearer(source, api)
    const given = [await authorization(authorizer), await authorization(authorizer), await authorization(authorizer)]
    expect(given[2]).toBe(given[0])
    expect(given[1]).not.toBe(given[0])
  })
})

describe('an API that asks for more than a fresh token', () => {
  const asked: GetTokenOptions[] = []
  const stepping = (options: GetTokenOptions = {}): Token => {
    asked.push(options)
    return { accessToken: options.stepUp ? 'strong' : options.rejected ? 'fresh' : 'weak', tokenType: 'Bearer' }
  }
  const source: TokenSource = { getToken: async (options) => stepping(options) }

  test.each([
    [
      401,
      'Bearer error="insufficient_user_authentication", acr_values="mfa", max_age="300"',
      { acrValues: 'mfa', maxAge: 300 },
    ],
    [401, 'Basic realm="x", DPoP error=insufficient_user_authentication, max_age=0', { maxAge: 0 }],
    [403, 'Bearer error="insufficient_scope", scope="jobs:write jobs:read"', { scope: 'jobs:write jobs:read' }],
  ])('%i %s is put to the source', async (status, challenge, stepUp) => {
    asked.length = 0
    const first = await authorization(bearer(source, api))
    const next = await first.answered?.(answer(status, { challenge }))
    expect(next?.headers['authorization']).toBe('Bearer strong')
    expect(asked[1]?.stepUp).toEqual(stepUp)
    expect(asked[1]?.rejected).toBeUndefined()
    expect(await next?.answered?.(answer(status, { challenge }))).toBeUndefined()
  })

  test.each([
    [403, 'Bearer error="insufficient_scope"'],
    [403, 'Bearer error="invalid_token"'],
    [401, 'Bearer error="insufficient_user_authentication", max_age="soon"'],
    [403, 'Basic error="insufficient_scope", scope="x"'],
    [403, ''],
  ])('%i %s has nothing to ask for: the answer is the caller’s', async (status, challenge) => {
    const first = await authorization(bearer(source, api))
    expect(await first.answered?.(answer(status, { challenge }))).toBeUndefined()
  })

  test('both reasons may come one after the other, each once', async () => {
    const strongly = { challenge: 'Bearer error="insufficient_user_authentication", acr_values="mfa"' }
    const first = await authorization(bearer(source, api))
    const fresh = await first.answered?.(answer(401))
    const strong = await fresh?.answered?.(answer(401, strongly))
    expect([fresh, strong].map((one) => one?.headers['authorization'])).toEqual(['Bearer fresh', 'Bearer strong'])
    expect(await strong?.answered?.(answer(401))).toBeUndefined()
    expect(await strong?.answered?.(answer(401, strongly))).toBeUndefined()
  })

  test('a source that cannot ask for more leaves the answer to the caller, one whose way failed does not', async () => {
    let failure: AuthError = new AuthError('UNSUPPORTED', 'no way')
    const weak: TokenSource = {
      getToken: async ({ stepUp } = {}) => {
        if (stepUp) throw failure
        return { accessToken: 'weak', tokenType: 'Bearer' }
      },
    }
    const first = await authorization(bearer(weak, api))
    const challenge = 'Bearer error="insufficient_scope", scope="x"'
    expect(await first.answered?.(answer(403, { challenge }))).toBeUndefined()
    failure = new StepUpRequiredError('said no', { scope: 'x' })
    await expect(first.answered?.(answer(403, { challenge }))).rejects.toBe(failure)
  })
})

describe('a verdict', () => {
  const openeo = async (given: { status: number; text(): Promise<string> }): Promise<'token' | undefined> =>
    given.status === 403 && (await given.text()).includes('TokenInvalid') ? 'token' : undefined

  test('may mean the token where the standards do not', async () => {
    const first = await authorization(bearer(countingSource({ delay: 0 }), api, { verdict: openeo }))
    const next = await first.answered?.(answer(403, { text: '{"code":"TokenInvalid"}' }))
    expect(next?.headers['authorization']).toBe('Bearer t2')
  })

  test('that has nothing to say leaves it to the standards', async () => {
    const first = await authorization(bearer(countingSource({ delay: 0 }), api, { verdict: openeo }))
    expect(await first.answered?.(answer(403, { text: '{"code":"PermissionsInsufficient"}' }))).toBeUndefined()
    expect((await first.answered?.(answer(401)))?.headers['authorization']).toBe('Bearer t2')
  })

  test('is not asked about other statuses', async () => {
    const verdict = (): never => {
      throw new Error('asked')
    }
    const first = await authorization(anyOf([bearer(countingSource({ delay: 0 }), api, { verdict })]))
    for (const status of [200, 302, 404, 500]) expect(first.answered?.(answer(status))).toBeUndefined()
  })
})
