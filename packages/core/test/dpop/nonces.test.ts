import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type DpopKey, type DpopToken, dpop, dpopKey, type TokenSource } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { decodeJwt } from 'jose'
import { beforeAll, expect, onTestFinished, test } from 'vitest'

let key: DpopKey
beforeAll(async () => {
  key = await dpopKey()
})

/** A source that counts, whose tokens are numbered. */
function source(): TokenSource<DpopToken> & { renewals: number } {
  let current = 1
  const made: TokenSource<DpopToken> & { renewals: number } = {
    renewals: 0,
    getToken: async ({ rejected } = {}) => {
      if (rejected?.accessToken === `t${current}`) {
        current += 1
        made.renewals += 1
      }
      return { accessToken: `t${current}`, tokenType: 'DPoP', key }
    },
  }
  return made
}

type Handler = (request: { token: string; nonce: unknown }, response: ServerResponse) => void

async function server(handler: Handler): Promise<{ origin: string; seen: { token: string; nonce: unknown }[] }> {
  const seen: { token: string; nonce: unknown }[] = []
  const listener = createServer((request: IncomingMessage, response) => {
    const one = {
      token: (request.headers.authorization ?? '').replace(/^DPoP /, ''),
      nonce: decodeJwt(String(request.headers['dpop']))['nonce'],
    }
    seen.push(one)
    request.resume().on('end', () => handler(one, response))
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    listener.closeAllConnections()
    listener.close()
  })
  return { origin: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, seen }
}

const demand = (response: ServerResponse, nonce: string, challenge = 'DPoP error="use_dpop_nonce"'): void => {
  response.writeHead(401, { 'www-authenticate': challenge, 'dpop-nonce': nonce }).end()
}

const spellings = [
  'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"',
  'dpop error="USE_DPOP_NONCE"',
  'Basic realm="x", DPoP algs="ES256", error="use_dpop_nonce"',
]
test.each(spellings)('a demand for a nonce is met once, without a renewal: %s', async (challenge) => {
  const tokens = source()
  const { origin, seen } = await server(({ nonce }, response) => {
    if (nonce === 'n1') response.end('ok')
    else demand(response, 'n1', challenge)
  })
  const fetch = withAuth(dpop(tokens, origin))
  expect(await (await fetch(`${origin}/`, { method: 'POST', body: '{}' })).text()).toBe('ok')
  expect(await (await fetch(`${origin}/`)).text()).toBe('ok')
  expect(seen.map(({ nonce }) => nonce)).toEqual([undefined, 'n1', 'n1'])
  expect(tokens.renewals).toBe(0)
})

test('a nonce rotated with a 200 is used in the next request', async () => {
  let count = 0
  const { origin, seen } = await server((_, response) => response.setHeader('dpop-nonce', `n${++count}`).end('ok'))
  const fetch = withAuth(dpop(source(), origin))
  for (let call = 0; call < 3; call++) await (await fetch(origin)).text()
  expect(seen.map(({ nonce }) => nonce)).toEqual([undefined, 'n1', 'n2'])
})

test('a server that demands another nonce each time is sent to twice, never in a loop', async () => {
  let count = 0
  const { origin, seen } = await server((_, response) => demand(response, `n${++count}`))
  expect((await withAuth(dpop(source(), origin))(origin)).status).toBe(401)
  expect(seen.length).toBeLessThanOrEqual(3)
})

test('a nonce demand and a revoked token on one call', async () => {
  const tokens = source()
  const { origin, seen } = await server(({ nonce, token }, response) => {
    if (nonce !== 'n1') return demand(response, 'n1')
    if (token === 't1') return void response.writeHead(401, { 'www-authenticate': 'DPoP error="invalid_token"' }).end()
    response.end('ok')
  })
  expect(await (await withAuth(dpop(tokens, origin))(origin, { method: 'PUT', body: 'x' })).text()).toBe('ok')
  expect(seen).toEqual([
    { token: 't1', nonce: undefined },
    { token: 't1', nonce: 'n1' },
    { token: 't2', nonce: 'n1' },
  ])
})

test('each origin has its own nonce', async () => {
  const ask =
    (nonce: string): Handler =>
    (_, response) =>
      response.setHeader('dpop-nonce', nonce).end()
  const [a, b] = [await server(ask('a')), await server(ask('b'))]
  const fetch = withAuth(dpop(source(), [a.origin, b.origin]))
  for (const { origin } of [a, b, a, b]) await fetch(origin)
  expect([...a.seen, ...b.seen].map(({ nonce }) => nonce)).toEqual([undefined, 'a', undefined, 'b'])
})

test('a nonce that no proof may carry is not taken', async () => {
  const { origin, seen } = await server((_, response) => response.setHeader('dpop-nonce', 'not a nonce').end())
  const fetch = withAuth(dpop(source(), origin))
  await fetch(origin)
  await fetch(origin)
  expect(seen.map(({ nonce }) => nonce)).toEqual([undefined, undefined])
})
