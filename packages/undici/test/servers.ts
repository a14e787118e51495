import type { RequestListener } from 'node:http'
import { type Authorizer, bearer } from '@latchkey/core'
import {
  type CountingSource,
  countingSource,
  listen,
  type ProtectedApi,
  protectedApi,
  testCertificate,
} from '@latchkey/testkit'
import { Agent, type Dispatcher } from 'undici'
import { onTestFinished } from 'vitest'
import { dispatcherWith } from './clients.ts'

/** An API, a login for it and a dispatcher with it, gone when the test is. */
export async function apiWithLogin(delay = 10): Promise<{
  readonly api: ProtectedApi
  readonly source: CountingSource
  readonly authorizer: Authorizer
  readonly dispatcher: Dispatcher
}> {
  const source = countingSource({ delay })
  const refused = new Set<string>()
  const api = await protectedApi({ verify: (token) => token === source.current && !refused.has(token) })
  onTestFinished(() => api.close())
  const authorizer = bearer(source, api.origin)
  return { api, source, authorizer, dispatcher: dispatcherWith(authorizer) }
}

/** An API of another origin that takes any token, gone when the test is. */
export async function otherApi(): Promise<ProtectedApi> {
  const api = await protectedApi({ verify: () => true })
  onTestFinished(() => api.close())
  return api
}

/** An API with TLS, for HTTP/2 and 1.1, gone when the test is: its port, for whatever name. */
export async function secureApi(verify: (token: string) => boolean): Promise<{ api: ProtectedApi; port: string }> {
  const api = await protectedApi({ secure: true, verify })
  onTestFinished(() => api.close())
  return { api, port: new URL(api.origin).port }
}

/** A server of few words, gone when the test is. */
export async function serve(answer: RequestListener): Promise<string> {
  const { origin, close } = await listen(() => answer)
  onTestFinished(close)
  return origin
}

/** An agent that trusts {@link secureApi} and finds every name on loopback. */
export function loopbackAgent(options: Agent.Options = {}): Agent {
  const connect = {
    ca: testCertificate,
    lookup: (_: string, __: unknown, found: (error: null, addresses: unknown) => void): void =>
      found(null, [{ address: '127.0.0.1', family: 4 }]),
  }
  return new Agent({ ...options, connect: connect as never })
}

/** What a promise rejects with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  )
