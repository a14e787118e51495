import { type AuthError, type Authorizer, authErrorOf, bearer } from '@latchkey/core'
import axios from 'axios'
import { describe, expect, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { adapters, api, apiWithLogin, rejection } from './servers.ts'

/** Waits until it is told to stop. */
const hanging: Authorizer = ({ signal }) =>
  new Promise((_, reject) => {
    const stop = (): void => reject(Object.assign(new Error('stopped'), { cause: signal?.reason as unknown }))
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
  })

describe.each(adapters)('with the %s adapter', (adapter) => {
  test('an abort is a CanceledError, wherever it comes', async () => {
    const { a, source, client } = await apiWithLogin({ adapter }, 200)
    const canceled = { name: 'CanceledError', code: 'ERR_CANCELED' }
    const after = (ms: number): { signal: AbortSignal } => {
      const abort = new AbortController()
      setTimeout(() => abort.abort(), ms)
      return { signal: abort.signal }
    }
    expect(await rejection(client.get('/x', { signal: AbortSignal.abort() }))).toMatchObject(canceled)
    source.expire()
    const error = await rejection(client.get('/x', after(20)))
    expect(error).toMatchObject(canceled)
    expect(authErrorOf(error)).toBeUndefined()
    await source.getToken()
    a.settings.delay = 500
    expect(await rejection(client.get('/x', after(20)))).toMatchObject(canceled)
  })

  test('so is a cancel token, with its message', async () => {
    const { source, client } = await apiWithLogin({ adapter }, 200)
    source.expire()
    const { token, cancel } = axios.CancelToken.source()
    setTimeout(() => cancel('never mind'), 20)
    const error = await rejection(client.get('/x', { cancelToken: token }))
    expect([axios.isCancel(error), (error as Error).message]).toEqual([true, 'never mind'])
  })

  test('a timeout ends the wait for a token that never comes, in axios’ own words', async () => {
    const a = await api()
    const client = withAuth(hanging, axios.create({ adapter }))
    const late = { isAxiosError: true, code: 'ECONNABORTED', message: 'timeout of 60ms exceeded' }
    expect(await rejection(client.get(`${a.origin}/x`, { timeout: 60 }))).toMatchObject(late)
    const words = { timeout: 60, timeoutErrorMessage: 'too late', transitional: { clarifyTimeoutError: true } }
    expect(await rejection(client.get(`${a.origin}/x`, words))).toMatchObject({
      code: 'ETIMEDOUT',
      message: 'too late',
    })
    expect(a.arrivals).toEqual([])
  })

  test('a timeout covers all hops together', async () => {
    const { a, client } = await apiWithLogin({ adapter })
    a.settings.delay = 40
    expect((await client.get('/hops/2', { timeout: 2000 })).status).toBe(200)
    const started = performance.now()
    expect(await rejection(client.get('/hops/9', { timeout: 100 }))).toMatchObject({ isAxiosError: true })
    expect(performance.now() - started).toBeLessThan(300)
  })

  test('what fails on our side is our own error, with no secret in it', async () => {
    const { a } = await apiWithLogin()
    const odd = { getToken: async () => ({ accessToken: 's3cret\nX: y', tokenType: 'Bearer' }) }
    const client = withAuth(bearer(odd, a.origin), axios.create({ adapter }))
    const error = (await rejection(client.get(`${a.origin}/x`))) as AuthError
    expect([error.name, error.code, authErrorOf(error) === error]).toEqual(['AuthError', 'RESPONSE_INVALID', true])
    expect(JSON.stringify(error) + error.stack).not.toContain('s3cret')
    expect(a.arrivals).toEqual([])
  })

  test('nobody there is axios’ own error', async () => {
    const gone = await api()
    const { client } = await apiWithLogin({ adapter, baseURL: gone.origin })
    await gone.close()
    const codes = adapter === 'http' ? ['ECONNREFUSED'] : ['ECONNREFUSED', 'ERR_NETWORK']
    expect(codes).toContain(((await rejection(client.get('/x'))) as { code?: string }).code)
  })

  test('a crowd of 200 on a withdrawn token costs one renewal, also where refusals come late', async () => {
    const { a, source, client } = await apiWithLogin({ adapter }, 25)
    a.refuse('t1')
    const calls = Array.from({ length: 200 }, (_, index) => {
      a.settings.delay = (index % 10) * 20
      return client.get('/x')
    })
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true)
    expect([a.arrivals.length, source.renewals]).toEqual([400, 1])
  })
})

test('a signal that is used for long keeps nothing of a call', async () => {
  const { client } = await apiWithLogin({ timeout: 1000 })
  const { signal } = new AbortController()
  const warnings: string[] = []
  const warned = (warning: Error): void => void warnings.push(warning.name)
  process.on('warning', warned)
  for (let call = 0; call < 30; call++) await client.get('/x', { signal })
  process.off('warning', warned)
  expect(warnings).toEqual([])
})
