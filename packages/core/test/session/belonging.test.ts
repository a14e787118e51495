import { AuthError, clientAssertion, type Grant, type TokenSet } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { keyOf, put, refused, world } from './rotating-issuer.ts'

const here = world()

const set = (accessToken: string, refreshToken?: string): TokenSet => ({
  token: { accessToken, tokenType: 'Bearer', expiresAt: here.clock.now() + 3_600_000 },
  ...(refreshToken !== undefined && { refreshToken }),
})

const machine = (): (() => Grant) => {
  let runs = 0
  return () => async () => set(`AT-machine-${++runs}`)
}

describe('a machine and a person with one client', () => {
  test('each get their own tokens', async () => {
    await put(here.store, here.issuer)
    const service = here.login({ renew: machine() })
    const person = here.login({ store: here.otherProcess() })
    expect((await person.getToken()).accessToken).toBe('AT1')
    expect((await service.getToken()).accessToken).toBe('AT-machine-1')
    const another = here.login({ store: here.otherProcess() })
    expect((await another.getToken()).accessToken).toBe('AT1')
    const fleet = here.login({ store: here.otherProcess(), renew: machine() })
    expect((await fleet.getToken()).accessToken).toBe('AT-machine-1')
  })

  test('the machine’s success does not end the rest of a refused login', async () => {
    await put(here.store, here.issuer)
    here.issuer.current = 'another'
    await expect(here.login().getToken()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    await here.login({ renew: machine() }).getToken()
    expect(await here.store.get(keyOf(here.issuer))).toMatchObject({ refreshToken: 'RT1', refused: { times: 1 } })
  })

  test('machines that ask for different scopes do not share a token', async () => {
    const grant = (name: string) => (): Grant => async () => set(name)
    const reader = here.login({ renew: grant('AT-read'), scope: 'read' })
    const writer = here.login({ store: here.otherProcess(), renew: grant('AT-write'), scope: 'write' })
    expect((await reader.getToken()).accessToken).toBe('AT-read')
    expect((await writer.getToken()).accessToken).toBe('AT-write')
    const second = here.login({ store: here.otherProcess(), renew: grant('AT-other'), scope: 'read' })
    expect((await second.getToken()).accessToken).toBe('AT-read')
  })
})

describe('another person', () => {
  test('who logs in because nothing else helps leaves no token of the first one, in no part of the login', async () => {
    await put(here.store, here.issuer)
    const login = (): Grant => async () => set('AT-second', 'RT-second')
    const source = here.login({ login })
    const part = source.narrow({ audience: 'a' })
    expect((await part.getToken()).accessToken).toBe('AT1')
    here.issuer.answers.push(refused)
    expect((await source.getToken()).accessToken).toBe('AT-second')
    here.issuer.current = 'RT-second'
    expect((await part.getToken()).accessToken).toBe('AT2')
    expect(here.issuer.sent.at(-1)).toMatchObject({ refresh_token: 'RT-second', audience: 'a' })
  })
})

describe('w14: a token known to be refused leaves the store', () => {
  const refuse = async (): Promise<unknown> => {
    const source = here.login({ store: here.otherProcess() })
    const rejected = await source.getToken()
    await source.getToken({ rejected }).catch(() => undefined)
    return (await here.store.get(keyOf(here.issuer)))?.tokens['']
  }
  const stored = { accessToken: 'AT-old', tokenType: 'Bearer', receivedAt: 0, order: 0 }

  test('also where there is nothing to renew with', async () => {
    const token = { ...stored, receivedAt: here.clock.now() }
    await here.store.update(keyOf(here.issuer), async () => ({ tokens: { '': token } }))
    expect(await refuse()).toBeUndefined()
  })

  test('also while the issuer asks for patience', async () => {
    const at = here.clock.now()
    const failed = { at, code: 'SERVER_ERROR' as const, variant: '', retryAt: at + 30_000 }
    await put(here.store, here.issuer, { tokens: { '': { ...stored, receivedAt: at } }, failed })
    expect(await refuse()).toBeUndefined()
    expect(here.issuer.sent).toEqual([])
  })
})

test('a client that cannot prove who it is loses its login at logout all the same', async () => {
  await put(here.store, here.issuer)
  const clientAuthentication = clientAssertion(() => {
    throw new Error('the workload has no identity here')
  })
  const result = await here.login({ clientAuthentication }).logout()
  expect(result).toMatchObject({ removed: true, confirmed: false, reason: { code: 'CONFIG_INVALID' } })
  expect(await here.store.get(keyOf(here.issuer))).toBeUndefined()
})

test('nobody is asked to log in where the login could not be stored', async () => {
  let prompts = 0
  const grant: Grant = async () => set(`AT-${++prompts}`)
  const update = (): Promise<never> => Promise.reject(new AuthError('STORE_PERMISSIONS', 'The directory is read-only.'))
  const source = here.login({ store: { ...here.otherProcess(), update } })
  await expect(source.login({ grant })).rejects.toMatchObject({ code: 'STORE_PERMISSIONS' })
  expect(prompts).toBe(0)
})
