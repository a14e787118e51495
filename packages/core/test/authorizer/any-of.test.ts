import { type Authorizer, anyOf, basic, bearer, staticToken } from '@latchkey/core'
import { countingSource } from '@latchkey/testkit'
import { authorizerContract } from '@latchkey/testkit/contracts/authorizer'
import { describe, expect, test } from 'vitest'
import { answer } from './answers.ts'

const [api, cloud] = ['https://api.example.org', 'https://cloud.example.org']

authorizerContract('anyOf', {
  make: () => anyOf([basic('a', 'b', cloud), bearer(countingSource({ delay: 0 }), api)]),
})

const headerFor = async (authorizer: Authorizer, url: string): Promise<string | undefined> =>
  (await authorizer({ method: 'GET', url: new URL(url) }))?.headers['authorization']

describe('anyOf', () => {
  test('each request is answered by the authorizer of its origin', async () => {
    const both = anyOf([basic('a', 'b', cloud), bearer(staticToken('t'), api)])
    expect(await headerFor(both, `${api}/x`)).toBe('Bearer t')
    expect(await headerFor(both, `${cloud}/x`)).toBe('Basic YTpi')
    expect(await headerFor(both, 'https://elsewhere.example/')).toBeUndefined()
    expect(both.origins).toEqual([cloud, api])
  })

  test('a refused request is not given to the next authorizer', async () => {
    const both = anyOf([basic('a', 'b', cloud), bearer(countingSource({ delay: 0 }), api)])
    const first = await both({ method: 'GET', url: new URL(cloud) })
    expect(await first?.answered?.(answer(401))).toBeUndefined()
  })

  test('two authorizers for one origin are refused, also inside another anyOf', () => {
    const one = bearer(staticToken('t'), [api, 'https://b.example'])
    const two = basic('a', 'b', `${api}/`)
    expect(() => anyOf([one, two])).toThrow(/Two authorizers serve https:\/\/api\.example\.org/)
    expect(() => anyOf([anyOf([one]), two])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  test('one that does not name its origins is asked in its turn, and then the whole names none', async () => {
    const own: Authorizer = async ({ url }) =>
      url.host === 'own.example' ? { headers: { authorization: 'Own x' } } : undefined
    const both = anyOf([own, bearer(staticToken('t'), api)])
    expect(await headerFor(both, 'https://own.example/')).toBe('Own x')
    expect(await headerFor(both, api)).toBe('Bearer t')
    expect(both.origins).toBeUndefined()
  })
})
