import { authErrorOf, bearer, staticToken } from '@latchkey/core'
import { Agent, Client, type Dispatcher, interceptors, Pool, request } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { dispatcherWith } from './clients.ts'
import { apiWithLogin, loopbackAgent, otherApi, rejection, secureApi } from './servers.ts'

const redirect = interceptors.redirect({ maxRedirections: 5 })
const rightOrder = 'compose(withAuth(…), interceptors.redirect(…), interceptors.retry(…))'

function composed(...list: readonly Dispatcher.DispatcherComposeInterceptor[]): Dispatcher {
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  return agent.compose(...list)
}

describe('the order of interceptors', () => {
  test('with redirects first is refused before anything is sent, with the right order in the message', async () => {
    const { api, authorizer } = await apiWithLogin()
    const dispatcher = composed(redirect, withAuth(authorizer))
    const error = await rejection(request(`${api.origin}/x`, { dispatcher }))
    expect(error).toMatchObject({ name: 'AuthError', code: 'CONFIG_INVALID' })
    expect((error as Error).message).toContain(rightOrder)
    expect(api.arrivals).toEqual([])
  })

  test('with redirects first does not matter to requests that are none of ours', async () => {
    const { authorizer } = await apiWithLogin()
    const other = await otherApi()
    const dispatcher = composed(redirect, withAuth(authorizer))
    expect((await request(`${other.origin}/open/hops/2`, { dispatcher })).statusCode).toBe(200)
    expect(other.arrivals.map((one) => one.headers['authorization'])).toEqual([undefined, undefined, undefined])
  })

  test('with an interceptor that hides the redirects from us is refused before anything is sent', async () => {
    const { api, authorizer } = await apiWithLogin()
    const dispatcher = composed(withAuth(authorizer), interceptors.responseError(), redirect)
    const error = await rejection(request(`${api.origin}/x`, { dispatcher }))
    expect(authErrorOf(error)).toMatchObject({ code: 'CONFIG_INVALID' })
    expect((error as Error).message).toContain(rightOrder)
    expect(api.arrivals).toEqual([])
  })

  const retry = interceptors.retry({ minTimeout: 1, maxRetries: 2 })
  const orders: readonly (readonly [string, readonly Dispatcher.DispatcherComposeInterceptor[]])[] = [
    ['redirect, retry', [redirect, retry]],
    ['retry, redirect', [retry, redirect]],
    ['redirect', [redirect]],
  ]
  test.each(orders)('of %s after us keeps a chain that has left outside', async (_, after) => {
    const { api, authorizer } = await apiWithLogin()
    const other = await otherApi()
    const dispatcher = composed(withAuth(authorizer), ...after)
    const back = `${other.origin}/open/redirect/302?to=${encodeURIComponent(`${api.origin}/open/back`)}`
    const out = `${api.origin}/redirect/302?to=${encodeURIComponent(back)}`
    expect((await request(out, { dispatcher })).statusCode).toBe(200)
    expect((await request(back, { dispatcher })).statusCode).toBe(200)
    expect((await request(`${api.origin}/hops/2`, { dispatcher })).statusCode).toBe(200)
    const sent = api.arrivals.map((one) => [one.path.split('?')[0], one.headers['authorization']])
    expect(sent).toEqual([
      ['/redirect/302', 'Bearer t1'],
      ['/open/back', undefined],
      ['/open/back', undefined],
      ...['2', '1', '0'].map((hop) => [`/hops/${hop}`, 'Bearer t1']),
    ])
    expect(other.arrivals.map((one) => one.headers['authorization'])).toEqual([undefined, undefined])
  })
})

describe('where a token goes', () => {
  test('is where the request goes, not where its path points', async () => {
    const { api, authorizer } = await apiWithLogin()
    const other = await otherApi()
    const dispatcher = composed(withAuth(authorizer))
    const host = new URL(api.origin).host
    for (const path of [`//${host}/x`, `${api.origin}/x`, `/\\${host}/x`]) {
      const sent = dispatcher.request({ origin: other.origin, path, method: 'GET' })
      await sent.then(({ body }) => body.dump())
    }
    expect(other.arrivals.map((one) => one.headers['authorization'])).toEqual([undefined, undefined, undefined])
  })

  test.each([Client, Pool])('is not where a %o pretends to send', async (Kind) => {
    const { api, authorizer } = await apiWithLogin()
    const other = await otherApi()
    const dispatcher = dispatcherWith(authorizer, new Kind(other.origin))
    await (await request(`${api.origin}/open/x`, { dispatcher })).body.dump()
    await (await dispatcher.request({ origin: api.origin, path: '/open/x', method: 'GET' })).body.dump()
    expect(api.arrivals).toEqual([])
    expect(other.arrivals.map((one) => one.headers['authorization'])).toEqual([undefined, undefined])
  })

  test('is not a subdomain, and not http after https', async () => {
    const { api, port } = await secureApi(() => true)
    const plain = await otherApi()
    const origin = `https://api.example.test:${port}`
    const token = bearer(staticToken('t'), origin)
    const dispatcher = dispatcherWith(
      async (hop) => {
        const given = await token(hop)
        return given && { headers: { ...given.headers, dpop: 'a proof' } }
      },
      loopbackAgent({ allowH2: false }),
    )
    for (const to of [`https://files.api.example.test:${port}/open/b`, `${plain.origin}/open/c`]) {
      const url = `${origin}/redirect/307?to=${encodeURIComponent(to)}`
      expect((await request(url, { dispatcher, method: 'POST', body: 'whole' })).statusCode).toBe(200)
    }
    const seen = [...api.arrivals, ...plain.arrivals].map(({ headers, body }) => [
      headers['host'],
      headers['authorization'],
      headers['dpop'],
      body,
    ])
    expect(seen).toEqual([
      [`api.example.test:${port}`, 'Bearer t', 'a proof', 'whole'],
      [`files.api.example.test:${port}`, undefined, undefined, 'whole'],
      [`api.example.test:${port}`, 'Bearer t', 'a proof', 'whole'],
      [new URL(plain.origin).host, undefined, undefined, 'whole'],
    ])
  })
})
