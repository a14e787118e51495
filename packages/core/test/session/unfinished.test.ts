import { AuthError, type Lease, type TokenStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { keyOf, put, until, world } from './rotating-issuer.ts'

const here = world()

/** A process that dies once the issuer's answer has been handed over. */
function dying(): TokenStore {
  const store = here.otherProcess()
  return {
    ...store,
    update: (key, change, options) =>
      here.store.update(
        key,
        async (current, lease) => {
          await change(current, {
            reread: () => lease.reread(),
            spend: async (token, variant) => {
              const answered = await lease.spend(token, variant)
              return async (answer) => {
                await answered(answer)
                throw new Error('killed')
              }
            },
          })
          throw new Error('killed')
        },
        options,
      ),
  }
}

describe('an answer that a dead process left', () => {
  test('w16: is finished by the next one, without asking the issuer again', async () => {
    await put(here.store, here.issuer)
    await expect(here.login({ store: dying() }).getToken()).rejects.toThrow('killed')
    expect(await here.store.get(keyOf(here.issuer))).toMatchObject({ refreshToken: 'RT1', unfinished: { variant: '' } })
    const token = await here.login({ store: here.otherProcess() }).getToken()
    expect(token.accessToken).toBe('AT1')
    expect(here.issuer.sent).toHaveLength(1)
    const stands = await here.store.get(keyOf(here.issuer))
    expect(stands).toMatchObject({ refreshToken: 'RT2' })
    expect(stands?.unfinished).toBeUndefined()
  })

  test('n1, h9: whose access token has ended is finished first, whole, and its successor renewed in an update of its own', async () => {
    await put(here.store, here.issuer)
    await expect(here.login({ store: dying() }).getToken()).rejects.toThrow('killed')
    await here.clock.advance(24 * 3_600_000)
    const stood: (string | undefined)[] = []
    const watched: TokenStore = {
      ...here.otherProcess(),
      update: async (key, change, options) => {
        const stands = await here.store.update(key, change, options)
        stood.push(stands?.refreshToken)
        return stands
      },
    }
    expect((await here.login({ store: watched }).getToken()).accessToken).toBe('AT2')
    expect(stood).toEqual(['RT2', 'RT3'])
    expect(here.issuer.sent.map((form) => form['refresh_token'])).toEqual(['RT1', 'RT2'])
  })

  test('is finished even where it is no usable answer, and the token it was for is tried again', async () => {
    await put(here.store, here.issuer)
    here.issuer.answers.push({ body: '<html>' })
    await expect(here.login({ store: dying() }).getToken()).rejects.toThrow('killed')
    expect((await here.login({ store: here.otherProcess() }).getToken()).accessToken).toBe('AT1')
    expect(here.issuer.sent.map((form) => form['refresh_token'])).toEqual(['RT1', 'RT1'])
  })

  test('is revoked with the rest at logout', async () => {
    await put(here.store, here.issuer)
    await expect(here.login({ store: dying() }).getToken()).rejects.toThrow('killed')
    here.issuer.add({ request: 'POST /revoke', reply: { status: 200 }, times: 2 })
    expect(await here.login({ store: here.otherProcess() }).logout()).toEqual({ removed: true, confirmed: true })
    expect(here.issuer.received('/revoke').map(({ form }) => form['token'])).toEqual(['RT1', 'RT2'])
  })

  test('is revoked though the issuer refuses to revoke the token before it', async () => {
    await put(here.store, here.issuer)
    await expect(here.login({ store: dying() }).getToken()).rejects.toThrow('killed')
    here.issuer.add({ request: 'POST /revoke', form: { token: 'RT1' }, reply: { status: 400 } })
    here.issuer.add({ request: 'POST /revoke', reply: { status: 200 } })
    const result = await here.login({ store: here.otherProcess() }).logout()
    expect(result).toMatchObject({ removed: true, confirmed: false, reason: { refusal: { status: 400 } } })
    expect(here.issuer.received('/revoke').map(({ form }) => form['token'])).toEqual(['RT1', 'RT2'])
  })
})

test('an answer that the disk does not take is not lost where it takes the login', async () => {
  await put(here.store, here.issuer)
  const full = async (): Promise<void> => {
    throw new AuthError('STORE_WRITE', 'The disk failed.')
  }
  const failing = (lease: Lease): Lease => ({ reread: () => lease.reread(), spend: async () => full })
  const store: TokenStore = {
    ...here.otherProcess(),
    update: (key, change, options) =>
      here.store.update(key, (current, lease) => change(current, failing(lease)), options),
  }
  expect((await here.login({ store }).getToken()).accessToken).toBe('AT1')
  expect(await here.store.get(keyOf(here.issuer))).toMatchObject({ refreshToken: 'RT2' })
})

test('h8: an answer that comes after 30 s is not written over what somebody else does by then', async () => {
  await put(here.store, here.issuer)
  let release: (() => void) | undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  here.issuer.answers.push(async () => {
    await gate
    return { body: { access_token: 'AT-late', token_type: 'Bearer', refresh_token: 'RT-late' } }
  })
  // A client that does not heed its signal: the answer still reaches our code.
  const deaf = (url: string, { signal: _, ...init }: RequestInit): Promise<Response> => globalThis.fetch(url, init)
  const failure = here
    .login({ fetch: deaf })
    .getToken()
    .catch((error: unknown) => error)
  await until(() => here.issuer.sent.length > 0)
  await here.clock.advance(30_000)
  expect(await failure).toMatchObject({ code: 'TIMEOUT' })
  release?.()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(await here.store.get(keyOf(here.issuer))).toMatchObject({ refreshToken: 'RT1', failed: { code: 'TIMEOUT' } })
  expect((await here.store.get(keyOf(here.issuer)))?.unfinished).toBeUndefined()
})
