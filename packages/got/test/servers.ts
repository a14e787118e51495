import type { LookupFunction } from 'node:net'
import { bearer } from '@latchkey/core'
import { type CountingSource, countingSource, type ProtectedApi, protectedApi } from '@latchkey/testkit'
import got, { type ExtendOptions, type Got } from 'got'
import { onTestFinished } from 'vitest'
import { withAuth } from '../src/index.ts'

/** An API, gone when the test is. */
export async function api(options: Parameters<typeof protectedApi>[0] = {}): Promise<ProtectedApi> {
  const started = await protectedApi(options)
  onTestFinished(() => started.close())
  return started
}

/** An API, a login for it, and an instance that has both. */
export async function apiWithLogin(
  defaults: ExtendOptions = {},
  delay = 10,
): Promise<{ readonly a: ProtectedApi; readonly source: CountingSource; readonly client: Got }> {
  const source = countingSource({ delay })
  const a = await api({ verify: (token) => token === source.current })
  return { a, source, client: got.extend({ prefixUrl: a.origin }, defaults, withAuth(bearer(source, a.origin))) }
}

/** Any name is this machine. */
export const loopback: LookupFunction = (_host, { all }, done) =>
  all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)

/** What a promise rejects with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  )

/** The `Authorization` headers that reached an API. */
export const carried = (api: ProtectedApi): (string | undefined)[] =>
  api.arrivals.map((one) => one.headers['authorization'])

/** The path on an API that redirects to `to`. */
export const via = (to: string, status = 302, open = ''): string =>
  `${open}redirect/${status}?to=${encodeURIComponent(to)}`
