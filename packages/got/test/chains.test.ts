import { bearer, staticToken } from '@latchkey/core'
import { type ProtectedApi, testCertificate } from '@latchkey/testkit'
import got from 'got'
import { describe, expect, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { api, apiWithLogin, carried, loopback, rejection, via } from './servers.ts'

/** An API with TLS under any name. */
async function named(): Promise<{ readonly secure: ProtectedApi; readonly origin: (host: string) => string }> {
  const secure = await api({ secure: true })
  const { port } = new URL(secure.origin)
  return { secure, origin: (host) => `https://${host}:${port}` }
}

const tls = { https: { certificateAuthority: testCertificate }, dnsLookup: loopback as never }

describe('a redirect', () => {
  test.each(['files.api.example.test', 'example.test', 'other.example.test'])(
    'to %s carries nothing there, nor back (defects 18 and 20)',
    async (host) => {
      const { secure, origin } = await named()
      const home = origin('api.example.test')
      const client = got.extend(tls, { throwHttpErrors: false }, withAuth(bearer(staticToken('t'), home)))
      const back = `${origin(host)}/${via(`${home}/back`, 302, 'open/')}`
      expect((await client(`${home}/${via(back)}`)).statusCode).toBe(401)
      expect(carried(secure)).toEqual(['Bearer t', undefined, undefined])
    },
  )

  test('from https to http carries nothing of ours, nor do later tries of it', async () => {
    const [{ secure, origin }, open] = [await named(), await api()]
    const home = origin('api.example.test')
    const extra = async ({ url }: { url: URL }): Promise<{ headers: Record<string, string> } | undefined> =>
      url.origin === home ? { headers: { authorization: 'DPoP t', dpop: 'proof' } } : undefined
    const client = got.extend(tls, { retry: { limit: 1, backoffLimit: 1 } }, withAuth(extra))
    await rejection(client(`${home}/${via(`${open.origin}/open/status/503`)}`))
    expect(secure.arrivals.map((one) => one.headers['dpop'])).toEqual(['proof'])
    expect(open.arrivals.map((one) => [one.headers['authorization'], one.headers['dpop']])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ])
  })

  test('is told to the authorizer, which may have learned from it', async () => {
    const { a } = await apiWithLogin()
    const statuses: number[] = []
    const client = got.extend(
      withAuth(async () => ({
        headers: { authorization: 'Bearer t1' },
        answered: ({ status }) => void statuses.push(status),
      })),
    )
    await client(`${a.origin}/${via('/x')}`)
    await rejection(client(`${a.origin}/x`, { responseType: 'buffer' }).json())
    await rejection(client(`${a.origin}/bytes/10`, { responseType: 'json' }))
    expect(statuses).toEqual([302, 200, 200, 200])
  })
})

describe('got’s own retries', () => {
  test('carry a fresh token each, and are not used up by ours', async () => {
    const { a, source } = await apiWithLogin()
    const statuses = [503, 401, 503, 200]
    const client = got.extend({ retry: { limit: 2, backoffLimit: 1 } }, withAuth(bearer(source, a.origin)))
    const retried: number[] = []
    const path = (): string => `open/status/${statuses[a.arrivals.length] ?? 200}`
    const moving = client.extend({
      hooks: {
        beforeRequest: [(options) => void (options.url = new URL(`${a.origin}/${path()}`))],
        beforeRetry: [(_error, count) => void retried.push(count)],
      },
    })
    expect((await moving(`${a.origin}/x`)).statusCode).toBe(200)
    expect(carried(a)).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2', 'Bearer t2'])
    expect([retried, source.renewals]).toEqual([[1, 2, 3], 1])
  })

  test.each([{ limit: 0 }, { calculateDelay: () => 0 }])('switched off by %o do not stop ours', async (retry) => {
    const { a, client } = await apiWithLogin({ retry })
    a.refuse('t1')
    expect((await client('x')).statusCode).toBe(200)
    expect(await rejection(client('status/503'))).toMatchObject({ response: { statusCode: 503 } })
    expect(a.arrivals.length).toBe(3)
  })
})

describe('pages', () => {
  test('are each put to the authorizer; one that leads elsewhere carries nothing', async () => {
    const { a, source, client } = await apiWithLogin()
    const other = await api()
    const addresses = [`${a.origin}/x?page=2`, `${other.origin}/open/x`, `${a.origin}/x?page=4`]
    const items = await client.paginate.all<string, string>('x?page=1', {
      pagination: {
        transform: ({ url }) => {
          if (url.endsWith('page=1')) a.refuse('t1')
          return [url]
        },
        paginate: () => {
          const url = addresses.shift()
          return url === undefined ? false : { url: new URL(url), prefixUrl: '' }
        },
      },
    })
    expect(items.length).toBe(4)
    expect([carried(a), carried(other)]).toEqual([['Bearer t1', 'Bearer t1', 'Bearer t2', 'Bearer t2'], [undefined]])
    expect(source.renewals).toBe(1)
  })

  test('that take up the options of the page before start anew', async () => {
    const { a, source, client } = await apiWithLogin()
    let left = 3
    await client.paginate.all<string, string>('x', {
      pagination: {
        transform: () => ['item'],
        paginate: ({ response }) => {
          a.refuse(source.current)
          return left-- > 0 ? response.request.options : false
        },
      },
    })
    expect(carried(a)).toEqual(['t1', 't1', 't2', 't2', 't3', 't3', 't4'].map((token) => `Bearer ${token}`))
  })
})
