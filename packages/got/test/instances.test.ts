import { inspect } from 'node:util'
import { bearer, staticToken } from '@latchkey/core'
import got, { type HTTPError } from 'got'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { api, apiWithLogin, carried, rejection } from './servers.ts'

const basic = `Basic ${btoa('me:secret')}`
const auth = withAuth(bearer(staticToken('t'), 'https://api.example.org'))

describe('an instance', () => {
  test('keeps the types of its options', () => {
    const url = 'https://api.example.org/x'
    const plain = got.extend(auth)
    expectTypeOf(() => plain(url))
      .returns.resolves.toHaveProperty('body')
      .toEqualTypeOf<string>()
    expectTypeOf(() => plain(url).json<{ id: string }>()).returns.resolves.toEqualTypeOf<{ id: string }>()
    const json = got.extend(auth, { responseType: 'json' })
    expectTypeOf(() => json<{ id: string }>(url))
      .returns.resolves.toHaveProperty('body')
      .toEqualTypeOf<{ id: string }>()
    const body = got.extend({ resolveBodyOnly: true }, auth, { responseType: 'json' })
    expectTypeOf(() => body<{ id: string }>(url)).returns.resolves.toEqualTypeOf<{ id: string }>()
    const text = got.extend(auth, { resolveBodyOnly: true })
    expectTypeOf(() => text(url)).returns.resolves.toEqualTypeOf<string>()
    expect(body.defaults.options.resolveBodyOnly).toBe(true)
  })

  test('is not changed by the one that extends it', async () => {
    const a = await api()
    const first = got.extend({ prefixUrl: a.origin })
    const { handlers, options } = first.defaults
    const hooks = inspect(options.hooks)
    await first.extend(withAuth(bearer(staticToken('t'), a.origin)))('x')
    await rejection(first('x'))
    expect(carried(a)).toEqual(['Bearer t', undefined])
    expect([first.defaults.handlers, handlers, inspect(options.hooks)]).toEqual([[], [], hooks])
  })

  test('asks with both authorizers that it was extended with, and once with one that came twice', async () => {
    const [one, two] = [await api(), await api()]
    const first = got.extend(withAuth(bearer(staticToken('t-one'), one.origin)))
    const second = got.extend(withAuth(bearer(staticToken('t-two'), two.origin)))
    const both = got.extend(first, second, first)
    await both(`${one.origin}/x`)
    await both(`${two.origin}/x`)
    expect([carried(one), carried(two)]).toEqual([['Bearer t-one'], ['Bearer t-two']])
  })

  test('must be extended: as options of a request it fails, and says so', async () => {
    const { a } = await apiWithLogin()
    const error = await rejection(got(`${a.origin}/x`, auth as object))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('got.extend') as string })
    expect(a.arrivals).toEqual([])
  })

  test('runs hooks and handlers of the caller, and the hook that comes last sees no token', async () => {
    const { a, client } = await apiWithLogin()
    const ran: string[] = []
    a.refuse('t1')
    await client.extend({
      handlers: [
        (options, next) => {
          ran.push('handler')
          return next(options)
        },
      ],
      hooks: {
        beforeRequest: [(options) => void ran.push(`before ${String(options.headers['authorization'])}`)],
        afterResponse: [(response) => (ran.push(`after ${response.statusCode}`), response)],
      },
    })('x')
    expect(ran).toEqual(['handler', 'before undefined', 'before undefined', 'after 200'])
  })

  test('does not follow a hook of the caller’s to another origin with the token', async () => {
    const other = await api()
    const { client } = await apiWithLogin({ retry: { limit: 0 } })
    const moving = client.extend({
      hooks: { beforeRequest: [(options) => void (options.url = new URL(`${other.origin}/open/x`))] },
    })
    await moving('x')
    expect(carried(other)).toEqual([undefined])
  })

  test('19: an absolute address given to an instance with a prefix carries nothing', async () => {
    const other = await api()
    const { a, source, client } = await apiWithLogin({ throwHttpErrors: false })
    await client(`${other.origin}/x`)
    await client(new URL(`${other.origin}/x`))
    await client(`${other.origin}/${a.origin}/`)
    expect([carried(other), carried(a), source.asked]).toEqual([[undefined, undefined, undefined], [], 0])
  })
})

describe('an authorization set by hand stays theirs', () => {
  const hand = { throwHttpErrors: false }

  test('in a request, in the defaults, in a hook, and on every hop', async () => {
    const { a, source, client } = await apiWithLogin(hand)
    const headers = { AUTHORIZATION: 'Bearer mine' }
    const path = `open/redirect/302?to=/open/x`
    await client(path, { headers })
    await client.extend({ headers })(path)
    await client.extend({
      hooks: { beforeRequest: [(options) => void (options.headers['authorization'] = 'Bearer mine')] },
    })(path)
    expect([new Set(carried(a)), a.arrivals.length, source.asked]).toEqual([new Set(['Bearer mine']), 6, 0])
  })

  test('as username and password, and as a user in the address', async () => {
    const { a, source, client } = await apiWithLogin(hand)
    await client('open/x', { username: 'me', password: 'secret' })
    await client(`${a.origin.replace('://', '://me:secret@')}/open/x`)
    expect([carried(a), source.asked]).toEqual([[basic, basic], 0])
  })

  test('and so does one that was switched off', async () => {
    const { a, source, client } = await apiWithLogin(hand)
    await client('x', { headers: { authorization: undefined } })
    expect([carried(a), source.asked]).toEqual([[undefined], 0])
  })
})

describe('an error', () => {
  test('shows no token, whatever came before it', async () => {
    const { a, client } = await apiWithLogin({ retry: { limit: 0 }, context: { mine: 1 } })
    a.refuse('t1')
    for (const path of ['status/503', 'redirect/302?to=/status/404', 'hops/30']) {
      const error = (await rejection(client(path))) as HTTPError
      expect(error).toBeInstanceOf(Error)
      expect(error.options.context).toEqual({ mine: 1 })
      expect(error.options.headers).not.toHaveProperty('authorization')
      const shown = inspect([error, error.options, error.response?.request.options], { depth: 12 })
      expect(shown + JSON.stringify(error) + error.stack).not.toMatch(/Bearer t\d/)
    }
    expect(carried(a)).toContain('Bearer t2')
  })
})
