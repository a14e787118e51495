import { AuthError, authErrorOf, bearer, freezeToken, type Token, type TokenSource } from '@latchkey/core'
import { expect } from 'vitest'
import type { AdapterRow } from './adapter-replay-rows.ts'

const unreachable = new AuthError('NETWORK', 'The issuer was not reached.')

/** In every suite of every adapter; 1,000 where there is time for it. */
const crowd = process.env['LATCHKEY_SCALE'] === 'full' ? 1000 : 250

/** A login whose renewal waits for a person who never comes. */
function hangingSource(): TokenSource & { readonly waiting: number } {
  let waiting = 0
  return {
    get waiting() {
      return waiting
    },
    getToken: ({ signal, rejected } = {}) => {
      if (rejected === undefined) return Promise.resolve(freezeToken<Token>({ accessToken: 't0', tokenType: 'Bearer' }))
      waiting++
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new AuthError('ABORTED', 'Aborted.')), { once: true }),
      )
    },
  }
}

/** What callers see when there are many of them, and when the issuer is not there. */
export const crowdRows: readonly AdapterRow[] = [
  {
    name: 'a crowd of requests on an expired token costs one renewal, and all succeed',
    delay: 25,
    run: async ({ a, get, source }) => {
      source.expire()
      const answers = await Promise.all(Array.from({ length: crowd }, () => get(`${a.origin}/x`)))
      expect(answers.filter(({ status }) => status !== 200)).toEqual([])
      expect([a.arrivals.length, a.refusals, source.renewals]).toEqual([crowd, 0, 1])
    },
  },
  {
    name: 'a renewal that fails for the network fails the call with that, and the next call tries again',
    fails: unreachable,
    run: async ({ a, get, revoke, source }) => {
      revoke()
      for (const attempt of [1, 2]) {
        const error: unknown = await get(`${a.origin}/x`).catch((reason: unknown) => reason)
        expect(authErrorOf(error)?.code).toBe('NETWORK')
        expect([a.arrivals.length, source.renewals]).toEqual([attempt, attempt])
      }
    },
  },
  {
    name: 'a renewal that hangs holds up its callers until they abort, and the client still works',
    run: async ({ a, c, client, source }) => {
      const hanging = hangingSource()
      const stuck = bearer(hanging, a.origin)
      const free = bearer(source, c.origin)
      const send = await client(async (request) => (await stuck(request)) ?? free(request))
      const abort = new AbortController()
      const calls = [1, 2].map(() => send({ method: 'GET', url: `${a.origin}/x`, signal: abort.signal }))
      const ended = Promise.allSettled(calls)
      while (hanging.waiting < 2) await new Promise((resolve) => setTimeout(resolve, 5))
      expect((await send({ method: 'GET', url: `${c.origin}/x` })).status).toBe(200)
      abort.abort()
      expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
      expect(a.arrivals.length).toBe(2)
    },
  },
]
