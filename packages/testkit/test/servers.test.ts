import { describe, expect, onTestFinished, test } from 'vitest'
import { type Exchange, protectedApi, type ScriptedIssuer, type ScriptedOptions, scriptedIssuer } from '../src/index.ts'

async function scripted(table: readonly Exchange[], options?: ScriptedOptions): Promise<ScriptedIssuer> {
  const issuer = await scriptedIssuer(table, options)
  onTestFinished(() => issuer.close())
  return issuer
}

const post = (url: string, form: Record<string, string> = {}, ms = 5000): Promise<Response> =>
  fetch(url, { method: 'POST', body: new URLSearchParams(form), signal: AbortSignal.timeout(ms) })

describe('the scripted issuer', () => {
  test('answers from its table in order, by form, and says what is left', async () => {
    const at = await scripted([
      { request: 'POST /token', form: { grant_type: 'a' }, reply: { body: { is: 'a' } } },
      { request: 'POST /token', reply: { status: 503, headers: { 'retry-after': '7' } }, times: 2 },
      { request: 'POST /token', reply: ({ form }) => ({ body: form }) },
    ])
    const replies = [
      await post(`${at.issuer}/token`, { grant_type: 'b' }),
      await post(`${at.issuer}/token`, { grant_type: 'a' }),
      await post(`${at.issuer}/token?x=1`, {}),
    ]
    expect(replies.map(({ status }) => status)).toEqual([503, 200, 503])
    expect(replies[0]?.headers.get('retry-after')).toBe('7')
    expect(at.left).toEqual(['POST /token'])
    expect(await (await post(`${at.issuer}/token`, { n: '3' })).json()).toEqual({ n: '3' })
    expect([at.left, at.unexpected]).toEqual([[], []])
    expect(at.received('/token').map(({ form }) => form)).toEqual([
      { grant_type: 'b' },
      { grant_type: 'a' },
      {},
      { n: '3' },
    ])
  })

  test('tells of requests that are not in the table', async () => {
    const at = await scripted([{ request: 'POST /token', reply: {}, times: 1 }])
    await post(`${at.issuer}/token`)
    expect((await post(`${at.issuer}/token`, { a: 'b' })).status).toBe(599)
    expect((await fetch(`${at.issuer}/other`)).status).toBe(599)
    expect(at.unexpected).toEqual(['POST /token a=b', 'GET /other'])
  })

  test('describes itself unless the table does, with members of the test’s own', async () => {
    const at = await scripted([], { metadata: { token_endpoint: undefined, extra: 1 }, path: '/x' })
    const metadata = await (await fetch(`${at.issuer}/.well-known/openid-configuration`)).json()
    expect(metadata).toMatchObject({ issuer: at.issuer, extra: 1, jwks_uri: `${at.issuer}/jwks` })
    expect(metadata).not.toHaveProperty('token_endpoint')
    const silent = await scripted([], { noDiscovery: true })
    expect((await fetch(`${silent.issuer}/.well-known/openid-configuration`)).status).toBe(599)
  })

  test.each([
    ['silent', 'TimeoutError'],
    ['reset', 'TypeError'],
    ['cut', 'TypeError'],
    ['trickle', 'TimeoutError'],
    ['endless', 'TimeoutError'],
  ] as const)('has the fault %s', async (fault, name) => {
    const at = await scripted([{ request: 'POST /token', reply: { fault, body: 'x'.repeat(1000) } }])
    const whole = post(`${at.issuer}/token`, {}, 300).then((response) => response.text())
    await expect(whole).rejects.toMatchObject({ name })
    expect(at.unexpected).toEqual([])
  })

  test('has a small answer that unpacks to 64 MiB', async () => {
    const at = await scripted([{ request: 'POST /token', reply: { fault: 'bomb' } }])
    const response = await post(`${at.issuer}/token`)
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect((await response.arrayBuffer()).byteLength).toBe(64 * 1024 * 1024)
  })
})

describe('the protected API', () => {
  test('lets nobody in without a good token, and remembers what reached it', async () => {
    const api = await protectedApi({ verify: (token) => token === 'good' })
    onTestFinished(() => api.close())
    const call = (token?: string, path = '/echo'): Promise<Response> =>
      fetch(api.origin + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
    expect((await call()).headers.get('www-authenticate')).toMatch(/Bearer realm="api"$/)
    expect((await call('bad')).headers.get('www-authenticate')).toMatch(/error="invalid_token"/)
    expect(await (await call('good')).json()).toMatchObject({
      path: '/echo',
      headers: { authorization: 'Bearer good' },
    })
    expect((await call('oidc/egi/good')).status).toBe(200)
    expect((await call(undefined, '/open/status/418')).status).toBe(418)
    api.refuse('good')
    expect((await call('good')).status).toBe(401)
    api.settings.refusal = 'openeo'
    expect(await (await call('good')).json()).toMatchObject({ code: 'TokenInvalid' })
    expect([api.refusals, api.arrivals.length, api.received('/echo').length]).toEqual([4, 7, 6])
    api.clear()
    expect([api.refusals, api.arrivals.length]).toEqual([0, 0])
  })
})
