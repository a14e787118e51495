import { EventEmitter } from 'node:events'
import { bearer, staticToken } from '@latchkey/core'
import {
  Agent,
  errors,
  getGlobalDispatcher,
  pipeline,
  request,
  setGlobalDispatcher,
  fetch as undiciFetch,
} from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { dispatcherWith } from './clients.ts'
import { apiWithLogin, rejection } from './servers.ts'

describe('an abort', () => {
  test('by a signal is the reason of the signal, by an EventEmitter undici’s own error', async () => {
    const { api, source, dispatcher } = await apiWithLogin(300)
    source.expire()
    const url = `${api.origin}/x`
    const started = performance.now()
    const timeout = AbortSignal.timeout(20)
    expect(await rejection(request(url, { dispatcher, signal: timeout }))).toBe(timeout.reason)
    expect(await rejection(request(url, { dispatcher, signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    })
    const emitter = new EventEmitter()
    setTimeout(() => emitter.emit('abort'), 20)
    expect(await rejection(request(url, { dispatcher, signal: emitter }))).toBeInstanceOf(errors.RequestAbortedError)
    expect(performance.now() - started).toBeLessThan(250)
    await source.getToken()
    expect(api.arrivals).toEqual([])
  })

  test('reaches the authorizer as a signal, also where undici has none', async () => {
    const reasons: unknown[] = []
    // Kept: undici.fetch is garbage while nothing that lives waits for it.
    const waiting: unknown[] = []
    const dispatcher = dispatcherWith(({ signal }) => {
      signal?.addEventListener('abort', () => reasons.push(signal.reason))
      return new Promise((resolve) => waiting.push(resolve))
    })
    const stop = new AbortController()
    setTimeout(() => stop.abort('enough'), 20)
    await rejection(undiciFetch('http://127.0.0.1:9999/', { dispatcher, signal: stop.signal }))
    const duplex = pipeline('http://127.0.0.1:9999/', { method: 'PUT', dispatcher }, ({ body }) => body)
    duplex.on('error', () => {})
    duplex.destroy()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(waiting.length).toBe(2)
    expect(reasons).toEqual(['enough', expect.any(errors.RequestAbortedError)])
  })

  test('while a connection is made or an answer awaited sends nothing more', async () => {
    const { api, dispatcher } = await apiWithLogin()
    api.settings.delay = 200
    const stop = new AbortController()
    const waiting = rejection(request(`${api.origin}/x`, { dispatcher, signal: stop.signal }))
    setTimeout(() => stop.abort(), 50)
    expect(await waiting).toBe(stop.signal.reason)
    expect(api.arrivals.length).toBe(1)
  })

  test('while a refused answer is thrown away sends nothing more', async () => {
    const { api, authorizer } = await apiWithLogin()
    const stop = new AbortController()
    const reason = new Error('enough')
    const dispatcher = dispatcherWith(async (hop) => {
      const given = await authorizer(hop)
      // The authorizer's word and the abort in one turn.
      return given && { ...given, answered: async () => (queueMicrotask(() => stop.abort(reason)), given) }
    })
    api.settings.alwaysRefuse = true
    expect(await rejection(request(`${api.origin}/x`, { dispatcher, signal: stop.signal }))).toBe(reason)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(api.arrivals.length).toBe(1)
  })

  test('after the answer ends its body', async () => {
    const { api, dispatcher } = await apiWithLogin()
    const stop = new AbortController()
    const { body } = await request(`${api.origin}/bytes/5000000`, { dispatcher, signal: stop.signal })
    stop.abort()
    expect(await rejection(body.text())).toMatchObject({ name: 'AbortError' })
    const other = await request(`${api.origin}/bytes/5000000`, { dispatcher })
    other.body.on('error', () => {}).destroy()
    expect((await request(`${api.origin}/x`, { dispatcher })).statusCode).toBe(200)
  })

  test('that never comes leaves nothing behind on a signal that is used for long', async () => {
    const { api, dispatcher } = await apiWithLogin()
    const { signal } = new AbortController()
    const warnings: string[] = []
    const warned = (warning: Error): void => void warnings.push(warning.name)
    process.on('warning', warned)
    for (let call = 0; call < 30; call++) {
      await (await request(`${api.origin}/x`, { dispatcher, signal })).body.dump()
    }
    process.off('warning', warned)
    expect(warnings).toEqual([])
  })
})

describe('the global fetch of Node', () => {
  test('given this dispatcher fails as with any other of this undici, and does not hang', async () => {
    const agent = new Agent()
    onTestFinished(() => agent.destroy())
    const outcome = (dispatcher: unknown): Promise<unknown> =>
      rejection(globalThis.fetch('http://127.0.0.1:9999/', { dispatcher, signal: AbortSignal.timeout(3000) } as never))
    const [theirs, ours] = [await outcome(agent), await outcome(agent.compose(withAuth(async () => undefined)))]
    expect((ours as Error).message).toBe((theirs as Error).message)
    expect(String((theirs as Error).cause)).toContain('onRequestStart')
    expect(String((ours as Error).cause)).toBe(String((theirs as Error).cause))
  })

  test('carries the token where this dispatcher is the global one', async () => {
    const { api } = await apiWithLogin()
    const before = getGlobalDispatcher()
    setGlobalDispatcher(dispatcherWith(bearer(staticToken('t1'), api.origin)))
    onTestFinished(() => setGlobalDispatcher(before))
    expect((await globalThis.fetch(`${api.origin}/x`)).status).toBe(200)
    expect((await globalThis.fetch(`${api.origin}/redirect/302?to=/there`)).status).toBe(200)
  })
})
