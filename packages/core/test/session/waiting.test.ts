import { AuthError, type Grant, type Token, type TokenSet } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { keyOf, put, until, world } from './rotating-issuer.ts'

const here = world()

const set = (accessToken: string, refreshToken?: string): TokenSet => ({
  token: { accessToken, tokenType: 'Bearer', expiresAt: here.clock.now() + 3_600_000 },
  ...(refreshToken !== undefined && { refreshToken }),
})

describe('a caller who comes after everybody else has gone', () => {
  test('does not get their abort, while they waited for a lock', async () => {
    await put(here.store, here.issuer)
    let free: (() => void) | undefined
    const holder = here.store.update(keyOf(here.issuer), async (current) => {
      await new Promise<void>((resolve) => (free = resolve))
      return current
    })
    const source = here.login()
    const stop = new AbortController()
    const gone = source.getToken({ signal: stop.signal }).catch((error: unknown) => error)
    // In the line of the lock: discovery is over.
    await until(() => here.issuer.requests.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 20))
    stop.abort()
    expect(await gone).toMatchObject({ code: 'ABORTED' })
    const late = source.getToken()
    free?.()
    await holder
    expect((await late).accessToken).toBe('AT1')
  })

  test('is asked anew, where a person was asked', async () => {
    let prompts = 0
    const grant: Grant = ({ signal } = {}) => {
      if (++prompts > 1) return Promise.resolve(set('AT-person'))
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new AuthError('ABORTED', 'The login was given up.'))),
      )
    }
    const source = here.login({ login: () => grant })
    const stop = new AbortController()
    const gone = source.getToken({ signal: stop.signal }).catch((error: unknown) => error)
    await until(() => prompts === 1)
    stop.abort()
    expect(await gone).toMatchObject({ code: 'ABORTED' })
    expect((await source.getToken()).accessToken).toBe('AT-person')
  })
})

describe('a step-up', () => {
  const slow = (): { readonly login: () => Grant; readonly prompts: () => number } => {
    let prompts = 0
    const grant: Grant = async () => {
      const number = ++prompts
      await new Promise((resolve) => setTimeout(resolve, 30))
      return set(`AT-strong-${number}`, `RT-strong-${number}`)
    }
    return { login: () => grant, prompts: () => prompts }
  }
  const names = (tokens: readonly Token[]): readonly string[] => [...new Set(tokens.map((token) => token.accessToken))]

  test('asks a person once for any number of callers', async () => {
    await put(here.store, here.issuer)
    const { login, prompts } = slow()
    const source = here.login({ login })
    const stepUp = { acrValues: 'mfa' }
    const tokens = await Promise.all(Array.from({ length: 8 }, () => source.getToken({ stepUp })))
    expect(names(tokens)).toEqual(['AT-strong-1'])
    expect(prompts()).toBe(1)
  })

  test('asks once for any number of processes, and again for the next', async () => {
    await put(here.store, here.issuer)
    const { login, prompts } = slow()
    const stepUp = { maxAge: 60 }
    const all = Array.from({ length: 4 }, () => here.login({ store: here.otherProcess(), login }))
    expect(names(await Promise.all(all.map((source) => source.getToken({ stepUp }))))).toEqual(['AT-strong-1'])
    expect(prompts()).toBe(1)
    expect((await all[0]?.getToken({ stepUp }))?.accessToken).toBe('AT-strong-2')
  })

  test('for a part of the login brings a token for that part', async () => {
    await put(here.store, here.issuer)
    const { login } = slow()
    here.issuer.current = 'RT-strong-1'
    const token = await here
      .login({ login })
      .narrow({ audience: 'a' })
      .getToken({ stepUp: { acrValues: 'mfa' } })
    expect(token.accessToken).toBe('AT1')
    expect(here.issuer.sent).toMatchObject([{ refresh_token: 'RT-strong-1', audience: 'a' }])
  })
})
