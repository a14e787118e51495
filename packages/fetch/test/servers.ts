import { bearer } from '@latchkey/core'
import { type CountingSource, countingSource, type ProtectedApi, protectedApi } from '@latchkey/testkit'
import { onTestFinished } from 'vitest'
import { withAuth } from '../src/index.ts'

/** An API and a login for it, gone when the test is. */
export async function apiWithLogin(delay = 10): Promise<{
  readonly api: ProtectedApi
  readonly source: CountingSource
  readonly fetch: typeof globalThis.fetch
}> {
  const source = countingSource({ delay })
  const api = await protectedApi({ verify: (token) => token === source.current })
  onTestFinished(() => api.close())
  return { api, source, fetch: withAuth(bearer(source, api.origin)) }
}

/** An API of another origin, gone when the test is. */
export async function otherApi(): Promise<ProtectedApi> {
  const api = await protectedApi({ verify: () => true })
  onTestFinished(() => api.close())
  return api
}

/** What a promise brings, either way. */
export const outcome = <T>(promise: Promise<T>): Promise<unknown> => promise.catch((error: unknown) => error)

/** What a promise rejects with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  )
