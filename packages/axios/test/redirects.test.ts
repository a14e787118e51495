import { Agent } from 'node:https'
import { bearer, staticToken } from '@latchkey/core'
import { type ProtectedApi, testCertificate } from '@latchkey/testkit'
import axios, { type AxiosError } from 'axios'
import { describe, expect, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { adapters, api, apiWithLogin, carried, loopback, rejection, via } from './servers.ts'

/** An API with TLS under any name. */
async function named(): Promise<{ readonly secure: ProtectedApi; readonly origin: (host: string) => string }> {
  const secure = await api({ secure: true })
  const { port } = new URL(secure.origin)
  return { secure, origin: (host) => `https://${host}:${port}` }
}

const tls = { httpsAgent: new Agent({ ca: testCertificate }), lookup: loopback as never, proxy: false } as const

describe('the token of one name', () => {
  test.each(['files.api.example.test', 'example.test', 'other.example.test'])(
    '20: is not sent to %s, nor back',
    async (host) => {
      const { secure, origin } = await named()
      const home = origin('api.example.test')
      const client = withAuth(bearer(staticToken('t'), home), axios.create({ ...tls, validateStatus: () => true }))
      const back = `${origin(host)}${via(`${home}/back`, 302, '/open')}`
      expect((await client.get(`${home}${via(back)}`)).status).toBe(401)
      expect(carried(secure)).toEqual(['Bearer t', undefined, undefined])
    },
  )

  test('is sent to its own name over TLS, and not from https to http', async () => {
    const [{ secure, origin }, open] = [await named(), await api()]
    const home = origin('api.example.test')
    const client = withAuth(bearer(staticToken('t'), home), axios.create(tls))
    const headers = { cookie: 'a=1', 'proxy-authorization': 'Basic x', 'x-key': 'k', 'x-mine': 'kept' }
    const plain = `${open.origin}/open/x`
    expect((await client.get(`${home}${via(plain)}`, { headers, sensitiveHeaders: ['X-Key'] })).status).toBe(200)
    expect(carried(secure)).toEqual(['Bearer t'])
    const [{ headers: sent } = { headers: {} }] = open.arrivals
    expect(sent).toMatchObject({ 'x-mine': 'kept' })
    for (const name of ['authorization', 'cookie', 'proxy-authorization', 'x-key'])
      expect(sent).not.toHaveProperty(name)
  })
})

describe.each(adapters)('with the %s adapter', (adapter) => {
  test('a redirect goes from 127.0.0.1 to localhost without the token', async () => {
    const { a, client } = await apiWithLogin({ adapter })
    const localhost = a.origin.replace('127.0.0.1', 'localhost')
    expect((await client.get(via(`${localhost}/open/x`))).status).toBe(200)
    expect(carried(a)).toEqual(['Bearer t1', undefined])
  })

  test('what comes back is as from bare axios', async () => {
    const { a, client } = await apiWithLogin({ adapter })
    const bare = axios.create({ adapter, baseURL: a.origin, headers: { authorization: 'Bearer t1' } })
    const paths = ['/x', '/status/404', '/nocontent', '/cookie', '/redirect/302?to=/there']
    // What axios makes of no address, and of a 304 with one, which is no redirect, differs between its adapters.
    for (const path of [...paths, adapter === 'http' ? '/redirect/302?to=' : '/redirect/304?to=/x']) {
      const [ours, theirs] = await Promise.all(
        [client, bare].map((instance) =>
          instance.get(path).then(
            ({ status, data, headers }) => ({
              status,
              data: data as unknown,
              type: headers['content-type'] as unknown,
            }),
            ({ name, message, code, status }: AxiosError) => ({ name, message, code, status }),
          ),
        ),
      )
      expect(ours, path).toEqual(theirs)
    }
  })

  test('maxRedirects: 0 follows none', async () => {
    const { a, client } = await apiWithLogin({ adapter, maxRedirects: 0 })
    expect(await rejection(client.get(via('/there')))).toMatchObject({ status: 302, code: 'ERR_BAD_RESPONSE' })
    expect(a.received('/there')).toEqual([])
  })

  test('a redirect to what is no http address fails', async () => {
    const { client } = await apiWithLogin({ adapter })
    for (const to of ['javascript:alert(1)', 'file:///etc/passwd', 'http://']) {
      expect(await rejection(client.get(via(to)))).toMatchObject({ isAxiosError: true })
    }
  })
})

test('maxRedirects is kept, with axios’ own error beyond it', async () => {
  const { client } = await apiWithLogin({ maxRedirects: 3 })
  expect((await client.get('/hops/3')).status).toBe(200)
  const error = { code: 'ERR_FR_TOO_MANY_REDIRECTS', message: 'Maximum number of redirects exceeded' }
  const failed = (await rejection(client.get('/hops/4'))) as AxiosError
  expect(failed).toMatchObject(error)
  // As libraries that retry do.
  expect(await rejection(client.request(failed.config ?? {}))).toMatchObject(error)
})

test('beforeRedirect may change the headers of the next hop, and may stop it; it never sees the token', async () => {
  const { a, client } = await apiWithLogin()
  const seen: string[] = []
  await client.get(via('/there'), {
    beforeRedirect: (options, details, request) => {
      seen.push(JSON.stringify([options, request]))
      expect([details.statusCode, request.url, options['href']]).toEqual([
        302,
        `${a.origin}${via('/there')}`,
        `${a.origin}/there`,
      ])
      ;(options['headers'] as Record<string, string>)['x-added'] = 'yes'
    },
  })
  expect(seen.join('')).not.toContain('t1')
  expect(a.received('/there')[0]?.headers).toMatchObject({ 'x-added': 'yes', authorization: 'Bearer t1' })
  const stop = (): never => {
    throw new Error('not there')
  }
  expect(await rejection(client.get(via('/there'), { beforeRedirect: stop }))).toMatchObject({ message: 'not there' })
})

test('fetchOptions say what the fetch adapter does with redirects', async () => {
  const { a, client } = await apiWithLogin({ adapter: 'fetch' })
  const options = (redirect: string): object => ({ fetchOptions: { redirect } })
  expect(await rejection(client.get(via('/there'), options('manual')))).toMatchObject({ status: 302 })
  expect(await rejection(client.get(via('/there'), options('error')))).toMatchObject({ code: 'ERR_NETWORK' })
  expect(a.received('/there')).toEqual([])
})
