import { inspect } from 'node:util'
import { isAuthError, type Token, type TokenSource } from '@latchkey/core'
import { describe, expect, test } from 'vitest'

/** A source set up for one test. */
export interface TokenSourceBench {
  readonly source: TokenSource
  /** Exchanges made so far, successful or not. */
  exchanges(): number
  /** Ends the token that is held, as time does. Absent: the source knows no end. */
  readonly expire?: (() => void | Promise<void>) | undefined
  /** From now on an exchange takes so many ms. Absent with a source that makes none. */
  readonly slow?: ((ms: number) => void) | undefined
  close?(): void | Promise<void>
}

/** A kind of source. */
export interface TokenSourceUnderTest {
  make(): TokenSourceBench | Promise<TokenSourceBench>
  /** False: it has no way to renew, and says `UNSUPPORTED`. Default true. */
  readonly renews?: boolean | undefined
}

interface Row {
  readonly name: string
  readonly needs?: 'expire' | 'renews' | undefined
  run(bench: TokenSourceBench): Promise<void>
}

const crowd = (source: TokenSource, size: number, rejected?: Token): Promise<readonly Token[]> =>
  Promise.all(Array.from({ length: size }, () => source.getToken(rejected && { rejected })))

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (isAuthError(error) ? error.code : error),
  )

const tokenRows: readonly Row[] = [
  {
    name: 'does nothing until it is asked',
    run: async ({ exchanges }) => {
      expect(exchanges()).toBe(0)
    },
  },
  {
    name: 'gives frozen tokens that are redacted wherever they are printed',
    run: async ({ source }) => {
      const token = await source.getToken()
      expect(Object.isFrozen(token)).toBe(true)
      expect(token.tokenType).toMatch(/^(Bearer|DPoP)$/)
      for (const text of [inspect(token), inspect([{ token }], { depth: 9 }), JSON.stringify(token)]) {
        expect(text).not.toContain(token.accessToken)
      }
    },
  },
  {
    name: 'gives the token it holds without another exchange',
    run: async ({ source, exchanges }) => {
      const first = await source.getToken()
      const before = exchanges()
      for (const token of await crowd(source, 20)) expect(token.accessToken).toBe(first.accessToken)
      expect(exchanges()).toBe(before)
    },
  },
  {
    name: 'makes at most one exchange for any number of first calls',
    run: async ({ source, exchanges }) => {
      const tokens = await crowd(source, 100)
      expect(new Set(tokens.map((token) => token.accessToken)).size).toBe(1)
      expect(exchanges()).toBeLessThanOrEqual(1)
    },
  },
  {
    name: 'rejects with ABORTED and the caller’s reason when the signal has fired',
    run: async ({ source }) => {
      const reason = new Error('enough')
      const wait = source.getToken({ signal: AbortSignal.abort(reason) })
      await expect(wait).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
    },
  },
]

const renewalRows: readonly Row[] = [
  {
    name: 'renews an expired token once for any number of callers',
    needs: 'expire',
    run: async ({ source, exchanges, expire }) => {
      const old = await source.getToken()
      await expire?.()
      const before = exchanges()
      const tokens = await crowd(source, 100)
      expect(exchanges()).toBe(before + 1)
      expect(new Set(tokens.map((token) => token.accessToken)).size).toBe(1)
      expect(tokens[0]?.accessToken).not.toBe(old.accessToken)
    },
  },
  {
    name: 'renews a rejected token once for any number of callers, and never gives it again',
    needs: 'renews',
    run: async ({ source, exchanges }) => {
      const old = await source.getToken()
      const before = exchanges()
      const tokens = await crowd(source, 30, old)
      expect(exchanges()).toBe(before + 1)
      expect(tokens.filter((token) => token.accessToken === old.accessToken)).toEqual([])
      expect((await source.getToken()).accessToken).toBe(tokens[0]?.accessToken)
    },
  },
  {
    name: 'answers a late rejection with the token it has got since, without an exchange',
    needs: 'renews',
    run: async ({ source, exchanges }) => {
      const old = await source.getToken()
      const next = await source.getToken({ rejected: old })
      const before = exchanges()
      expect((await source.getToken({ rejected: old })).accessToken).toBe(next.accessToken)
      expect(exchanges()).toBe(before)
    },
  },
  {
    name: 'ends one caller’s wait with its signal, and not the exchange',
    needs: 'renews',
    run: async ({ source, exchanges, slow }) => {
      const old = await source.getToken()
      slow?.(200)
      const before = exchanges()
      const abort = new AbortController()
      const reason = new Error('enough')
      const impatient = source.getToken({ rejected: old, signal: abort.signal })
      const patient = source.getToken({ rejected: old })
      setTimeout(() => abort.abort(reason), 20)
      await expect(impatient).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
      expect((await patient).accessToken).not.toBe(old.accessToken)
      expect(exchanges()).toBe(before + 1)
    },
  },
]

const fixedRow: Row = {
  name: 'says UNSUPPORTED to a rejected token, and gives it to a call that rejects nothing',
  run: async ({ source }) => {
    const held = await source.getToken()
    expect(await codeOf(source.getToken({ rejected: held }))).toBe('UNSUPPORTED')
    expect((await source.getToken()).accessToken).toBe(held.accessToken)
  },
}

/** The contract of every {@link TokenSource}. */
export function tokenSourceContract(name: string, kind: TokenSourceUnderTest): void {
  const renews = kind.renews !== false
  const rows = renews ? [...tokenRows, ...renewalRows] : [...tokenRows, fixedRow]
  describe(`${name} keeps the contract of token sources`, () => {
    for (const row of rows) {
      test(row.name, async () => {
        const bench = await kind.make()
        try {
          if (row.needs === 'expire') expect(bench.expire, 'a source that renews must say how it expires').toBeDefined()
          await row.run(bench)
        } finally {
          await bench.close?.()
        }
      })
    }
  })
}
