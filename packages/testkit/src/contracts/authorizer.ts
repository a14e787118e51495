import type { Answer, Authorization, Authorizer } from '@latchkey/core'
import { describe, expect, test } from 'vitest'

/** A kind of authorizer. */
export interface AuthorizerUnderTest {
  /** One that serves `https://api.example.org`, and `https://other.example.org` where it can. */
  make(): Authorizer | Promise<Authorizer>
}

const origin = 'https://api.example.org'

const foreign: readonly string[] = [
  'http://api.example.org/',
  'https://api.example.org:8443/',
  'https://api.example.org.evil.example/',
  'https://evil.example/https://api.example.org/',
  'https://api.example.org@evil.example/',
  'https://www.api.example.org/',
  'https://example.org/',
  'https://user:password@api.example.org/',
  'ftp://api.example.org/',
  'data:text/plain,https://api.example.org/',
]

const served: readonly string[] = [
  'https://api.example.org',
  'https://API.example.org/a/b?c=d#e',
  'https://api.example.org:443/',
  'https://api.example.org/@evil.example/',
]

const ask = (authorizer: Authorizer, url: string): Promise<Authorization | undefined> =>
  authorizer({ method: 'GET', url: new URL(url) })

const answer = (status: number): Answer => ({
  status,
  replayable: true,
  header: () => null,
  text: async () => '',
})

/** The contract of every {@link Authorizer}. */
export function authorizerContract(name: string, kind: AuthorizerUnderTest): void {
  const with_ = (run: (authorizer: Authorizer) => Promise<void>) => async (): Promise<void> => run(await kind.make())
  describe(`${name} keeps the contract of authorizers`, () => {
    test.each(foreign)('gives nothing for %s', (url) =>
      with_(async (it) => expect(await ask(it, url)).toBeUndefined())(),
    )
    test.each(served)('gives headers for %s', (url) => with_(async (it) => expect(await ask(it, url)).toBeDefined())())

    test(
      'names its origins',
      with_(async (authorizer) => expect(authorizer.origins).toContain(origin)),
    )

    test(
      'gives header names in lower case and values that fit a header',
      with_(async (authorizer) => {
        const { headers } = (await ask(authorizer, origin)) ?? { headers: {} }
        expect(Object.keys(headers).length).toBeGreaterThan(0)
        for (const [header, value] of Object.entries(headers)) {
          expect(header).toBe(header.toLowerCase())
          expect(value).toMatch(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/)
        }
      }),
    )

    test.each([200, 204, 206, 304, 302, 404, 409, 429, 500, 503])('answers a %i at once with nothing', (status) =>
      with_(async (authorizer) => {
        expect((await ask(authorizer, origin))?.answered?.(answer(status))).toBeUndefined()
      })(),
    )

    test(
      'gives a chain that ends, whatever is answered',
      with_(async (authorizer) => {
        let sends = 0
        for (let next = await ask(authorizer, origin); next !== undefined; sends++) {
          next = await next.answered?.(answer(401))
        }
        expect(sends).toBeGreaterThan(0)
        expect(sends).toBeLessThanOrEqual(4)
      }),
    )
  })
}
