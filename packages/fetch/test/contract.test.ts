import { adapterContract } from '@latchkey/testkit/contracts/adapter'
import ky from 'ky'
import { ofetch } from 'ofetch'
import createClient from 'openapi-fetch'
import { withAuth } from '../src/index.ts'
import { adapterAnswer, fetchInit } from './clients.ts'

const isReason = (error: unknown, reason: unknown): boolean => error === reason

adapterContract('fetch', {
  client: (authorizer) => {
    const fetch = withAuth(authorizer)
    return async (request) => adapterAnswer(await fetch(request.url, fetchInit(request)))
  },
  isAbort: isReason,
})

adapterContract('fetch with Request objects', {
  client: (authorizer) => {
    const fetch = withAuth(authorizer)
    return async (request) => adapterAnswer(await fetch(new Request(request.url, fetchInit(request))))
  },
  isAbort: isReason,
  cannot: {
    'a stream is sent once: the refusal is the caller’s, the token is renewed for the next':
      'a body inside a Request is always a stream; a copy of it is kept, so it is sent again',
  },
})

adapterContract('ky', {
  client: (authorizer) => {
    const api = ky.create({ fetch: withAuth(authorizer), throwHttpErrors: false, retry: 0 })
    return async (request) => adapterAnswer(await api(request.url, fetchInit(request)))
  },
  isAbort: (error, reason) => error === reason || (error as Error).name === 'AbortError',
  cannot: {
    'a stream is sent once: the refusal is the caller’s, the token is renewed for the next':
      'ky makes a Request of every call; a copy of its body is kept, so it is sent again',
  },
})

adapterContract('ofetch', {
  client: (authorizer) => {
    const api = ofetch.create({ retry: 0, ignoreResponseError: true }, { fetch: withAuth(authorizer) })
    return async (request) => {
      const { body, ...init } = fetchInit(request)
      const raw = await api.raw(request.url, {
        ...init,
        ...(body == null ? {} : { body }),
        responseType: 'text',
      } as never)
      return { status: raw.status, text: String(raw._data ?? ''), url: raw.url }
    }
  },
  isAbort: (error, reason) => (error as Error).cause === reason || error === reason,
})

adapterContract('openapi-fetch', {
  client: (authorizer) => async (request) => {
    const api = createClient<Record<string, never>>({ fetch: withAuth(authorizer) })
    let text = ''
    // What a caller's own middleware reads; the client itself gives parsed JSON.
    api.use({
      onResponse: async ({ response }) => {
        text = await response.clone().text()
      },
    })
    const { method, ...init } = fetchInit(request)
    const options = { ...init, parseAs: 'text', bodySerializer: (body: unknown) => body }
    const { response } = await api.request(method as 'get', request.url as never, options as never)
    return { status: response.status, text, url: response.url }
  },
  isAbort: isReason,
  cannot: {
    'a stream is sent once: the refusal is the caller’s, the token is renewed for the next':
      'openapi-fetch makes a Request of every call; a copy of its body is kept, so it is sent again',
  },
})
