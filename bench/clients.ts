import { withAuth as withAuthAxios } from '@latchkey/axios'
import { bearer, staticToken } from '@latchkey/core'
import { withAuth as withAuthFetch } from '@latchkey/fetch'
import { withAuth as withAuthGot } from '@latchkey/got'
import { withAuth as withAuthUndici } from '@latchkey/undici'
import axios, { type AxiosAdapter, AxiosHeaders } from 'axios'
import got from 'got'
import { Agent, Dispatcher, request } from 'undici'
import type { Contender } from './measure.ts'

const token = staticToken('a-token-of-a-usual-length-0123456789abcdef0123456789abcdef')
const { accessToken } = await token.getToken()
const headers = { authorization: `Bearer ${accessToken}` }

/** One call of a client, its answer read to the end. */
type Call = (url: string) => Promise<unknown>

/** A client with a hand-written header, and the same with an adapter. */
interface Pair {
  readonly bare: Call
  readonly ours: Call
}

function fetchPair(origin: string, send: typeof globalThis.fetch): Pair {
  const authorized = withAuthFetch(bearer(token, origin), send)
  return {
    bare: async (url) => (await send(url, { headers })).text(),
    ours: async (url) => (await authorized(url)).text(),
  }
}

function axiosPair(origin: string, adapter?: AxiosAdapter): Pair {
  const options = adapter === undefined ? {} : { adapter }
  const bare = axios.create(options)
  const ours = withAuthAxios(bearer(token, origin), axios.create(options))
  return { bare: (url) => bare.get(url, { headers }), ours: (url) => ours.get(url) }
}

function gotPair(origin: string): Pair {
  const ours = got.extend(withAuthGot(bearer(token, origin)))
  return { bare: (url) => got(url, { headers }), ours: (url) => ours(url) }
}

function undiciPair(origin: string, dispatcher: Dispatcher): Pair {
  const authorized = dispatcher.compose(withAuthUndici(bearer(token, origin)))
  return {
    bare: async (url) => (await request(url, { dispatcher, headers })).body.text(),
    ours: async (url) => (await request(url, { dispatcher: authorized })).body.text(),
  }
}

const body = Buffer.from('{}')

/** Answers at once, as undici's own dispatchers do it. */
class StubDispatcher extends Dispatcher {
  override dispatch(_: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const nothing = (): void => {}
    const controller = { aborted: false, paused: false, reason: null, abort: nothing, pause: nothing, resume: nothing }
    handler.onRequestStart?.(controller, null)
    handler.onResponseStart?.(controller, 200, {}, 'OK')
    handler.onResponseData?.(controller, body)
    handler.onResponseEnd?.(controller, {})
    return true
  }
}

const stubAdapter: AxiosAdapter = async (config) => ({
  data: '{}',
  status: 200,
  statusText: 'OK',
  headers: new AxiosHeaders(),
  config,
})

/** Clients that can be given another transport, and what the adapter may add there, in µs. */
export const stubbed: readonly (readonly [name: string, goal: number, pair: (origin: string) => Pair])[] = [
  ['fetch', 2, (origin) => fetchPair(origin, async () => new Response('{}'))],
  ['undici', 2, (origin) => undiciPair(origin, new StubDispatcher())],
  ['axios', 6, (origin) => axiosPair(origin, stubAdapter)],
]

/** All clients over sockets. */
export const connected: readonly (readonly [name: string, pair: (origin: string) => Pair])[] = [
  ['fetch', (origin) => fetchPair(origin, globalThis.fetch)],
  ['undici', (origin) => undiciPair(origin, new Agent())],
  ['axios', (origin) => axiosPair(origin)],
  ['got', gotPair],
]

/** The two as what is compared. */
export function contenders({ bare, ours }: Pair, url: string): readonly Contender[] {
  const repeated = (name: string, call: Call): Contender => ({
    name,
    run: async (times) => {
      for (let i = 0; i < times; i++) {
        await call(url)
        // A loop of stubs never turns by itself, and keeps in memory whatever a client puts off to the next turn.
        if (i % 64 === 0) await new Promise(setImmediate)
      }
    },
  })
  return [repeated('with a hand-written header', bare), repeated('through withAuth(bearer(…))', ours)]
}
