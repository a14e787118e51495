import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { type Answer, AuthError, authErrorOf, bearer } from '@latchkey/core'
import { countingSource } from '@latchkey/testkit'
import { type Dispatcher, request } from 'undici'
import { describe, expect, test } from 'vitest'
import { dispatcherWith } from './clients.ts'
import { apiWithLogin, rejection, serve } from './servers.ts'

/** A server that refuses each first token with a body of its own, and the connections it saw. */
async function refusing(body: (response: ServerResponse) => void): Promise<{
  readonly origin: string
  readonly ports: (number | undefined)[]
}> {
  const ports: (number | undefined)[] = []
  const origin = await serve((incoming, response) => {
    ports.push(incoming.socket.remotePort)
    if (incoming.headers.authorization === 'Bearer t1') body(response.writeHead(401))
    else response.end('ok')
  })
  return { origin, ports }
}

const get = async (origin: string, dispatcher?: Dispatcher): Promise<string> => {
  const options = { dispatcher: dispatcher ?? dispatcherWith(bearer(countingSource(), origin)) }
  return (await request(origin, options)).body.text()
}

describe('the body of a refused answer', () => {
  test('is cut off where it is large', async () => {
    let taken = 0
    const { origin, ports } = await refusing((response) => {
      const megabyte = Buffer.alloc(1_000_000)
      const more = (): void => {
        taken++
        if (taken < 200) response.write(megabyte, more)
      }
      response.write(megabyte, more)
    })
    expect(await get(origin)).toBe('ok')
    expect(new Set(ports).size).toBe(2)
    // What kernels buffer; in the time the call takes, much more could have been read.
    expect(taken).toBeLessThan(15)
  })

  test('does not hold up the call where it never ends', async () => {
    const { origin } = await refusing((response) => response.write('{'))
    const started = performance.now()
    expect(await get(origin)).toBe('ok')
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('may break off: the request is sent again all the same', async () => {
    const { origin } = await refusing((response) => {
      response.write('{')
      setTimeout(() => response.destroy(), 5)
    })
    expect(await get(origin)).toBe('ok')
  })

  test('is the caller’s with its failure where nothing better is to be had', async () => {
    const origin = await serve((_, response) => {
      response.writeHead(401, { 'content-length': '100' }).write('some')
      setTimeout(() => response.destroy(), 20)
    })
    const verdict = async (): Promise<undefined> => new Promise((resolve) => setTimeout(() => resolve(undefined), 60))
    const dispatcher = dispatcherWith(async () => ({ headers: { authorization: 'Bearer t' }, answered: verdict }))
    const { statusCode, body } = await request(origin, { dispatcher })
    expect(statusCode).toBe(401)
    expect(await rejection(body.text())).toMatchObject({ code: 'UND_ERR_SOCKET' })
  })

  test('is looked at decoded, and reaches the caller as it came', async () => {
    const page = JSON.stringify({ code: 'TokenInvalid', filler: 'x'.repeat(200_000) })
    const seen: string[] = []
    const encodings: readonly (readonly [string | undefined, Buffer])[] = [
      ['gzip', gzipSync(page)],
      [undefined, Buffer.from(page)],
      ['unheard-of', Buffer.from(page)],
    ]
    for (const [encoding, bytes] of encodings) {
      const origin = await serve((_, response) => {
        if (encoding !== undefined) response.setHeader('content-encoding', encoding)
        response.writeHead(403).end(bytes)
      })
      const answered = async (answer: Answer): Promise<undefined> => {
        const [text, again] = await Promise.all([answer.text(), answer.text()])
        expect(again).toBe(text)
        seen.push(text)
      }
      const dispatcher = dispatcherWith(async () => ({ headers: { authorization: 'Bearer t' }, answered }))
      const { body } = await request(origin, { dispatcher })
      expect(Buffer.from(await body.arrayBuffer()).equals(bytes)).toBe(true)
    }
    expect(seen.map((text) => text.length)).toEqual([65_536, 65_536, 0])
    expect(seen[0]).toBe(page.slice(0, 65_536))
  })

  test('of a HEAD or an empty answer is an empty text', async () => {
    const { api } = await apiWithLogin()
    const looked: string[] = []
    const answered = async (answer: Answer): Promise<undefined> => void looked.push(await answer.text())
    const dispatcher = dispatcherWith(async () => ({ headers: { authorization: 'Bearer t1' }, answered }))
    await request(`${api.origin}/bytes/10`, { dispatcher, method: 'HEAD' })
    await request(`${api.origin}/nocontent`, { dispatcher })
    expect(looked).toEqual(['', ''])
  })
})

test('a caller who reads slowly slows the server down, after a held answer too', async () => {
  let written = 0
  const origin = await serve((_, response) => {
    const more = (): void => {
      written += 1_000_000
      if (written < 200_000_000) response.write(Buffer.alloc(1_000_000), more)
    }
    response.writeHead(401)
    response.write(Buffer.alloc(1_000_000), more)
  })
  const answered = async (answer: Answer): Promise<undefined> => void (await answer.text())
  const dispatcher = dispatcherWith(async () => ({ headers: { authorization: 'Bearer t' }, answered }))
  const { body } = await request(origin, { dispatcher })
  body.on('error', () => {})
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(written).toBeLessThan(20_000_000)
  let read = 0
  for await (const chunk of body) {
    read += (chunk as Buffer).length
    if (read > 30_000_000) break
  }
  expect(read).toBeGreaterThan(30_000_000)
})

test.each([true, false])(
  'an answer is not read while an authorizer thinks about it (having looked at it: %s)',
  async (look) => {
    let written = 0
    const origin = await serve((_, response) => {
      const more = (): void => {
        written += 1_000_000
        if (written < 500_000_000) response.write(Buffer.alloc(1_000_000), more)
      }
      response.writeHead(401)
      response.write(Buffer.alloc(1_000_000), more)
    })
    let before = 0
    const answered = async (answer: Answer): Promise<undefined> => {
      if (look) await answer.text()
      await new Promise((resolve) => setTimeout(resolve, 200))
      before = written
    }
    const dispatcher = dispatcherWith(async () => ({ headers: { authorization: 'Bearer t' }, answered }))
    const { body } = await request(origin, { dispatcher })
    body.on('error', () => {}).destroy()
    expect(before).toBeLessThan(15_000_000)
  },
)

test('trailers and raw headers reach the caller of a held answer', async () => {
  const origin = await serve((_, response) => {
    response.writeHead(401, { trailer: 'x-sum', 'X-Case': 'Kept' })
    response.write('body')
    response.addTrailers({ 'x-sum': '42' })
    response.end()
  })
  const answered = async (): Promise<undefined> => new Promise((resolve) => setTimeout(() => resolve(undefined), 30))
  const dispatcher = dispatcherWith(async () => ({ headers: { authorization: 'Bearer t' }, answered }))
  const { body, headers, trailers } = await request(origin, { dispatcher, responseHeaders: 'raw' })
  expect(await body.text()).toBe('body')
  expect(trailers).toEqual({ 'x-sum': '42' })
  expect((headers as unknown as unknown[]).map(String)).toContain('X-Case')
})

describe('an error on our side', () => {
  test('reaches the caller as it is, also through retries and redirects', async () => {
    const { api } = await apiWithLogin()
    const dispatcher = dispatcherWith(() => Promise.reject(new AuthError('LOGIN_REQUIRED', 'Run: auth login')))
    const error = await rejection(request(`${api.origin}/x`, { dispatcher }))
    expect(error).toBe(authErrorOf(error))
    expect(error).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(api.arrivals).toEqual([])
  })

  test('after a refusal reaches the caller, and the connection is used again', async () => {
    const { api, authorizer } = await apiWithLogin()
    let fail = true
    const dispatcher = dispatcherWith(async (hop) => {
      const given = await authorizer(hop)
      const answered = (): undefined => {
        if (fail) throw new AuthError('LOGIN_REQUIRED', 'Run: auth login')
      }
      return given && { ...given, answered: async () => answered() }
    })
    expect(await rejection(request(`${api.origin}/x`, { dispatcher }))).toMatchObject({ code: 'LOGIN_REQUIRED' })
    fail = false
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect((await request(`${api.origin}/x`, { dispatcher })).statusCode).toBe(200)
    expect(new Set(api.arrivals.map((one) => one.port)).size).toBe(1)
  })

  test('that an authorizer throws at once is an error of the call', async () => {
    const { api } = await apiWithLogin()
    const thrown = new Error('broken')
    const dispatcher = dispatcherWith(() => {
      throw thrown
    })
    expect(await rejection(request(`${api.origin}/x`, { dispatcher }))).toBe(thrown)
    const answered = (): never => {
      throw thrown
    }
    const late = dispatcherWith(async () => ({ headers: { authorization: 'Bearer t1' }, answered }))
    expect(await rejection(request(`${api.origin}/x`, { dispatcher: late }))).toBe(thrown)
  })
})
