import { type Authorization, type Authorizer, type OutgoingRequest, sendAuthorized } from '@latchkey/core'
import { answerOf } from './answer.ts'
import { type Adapter, axiosOf, type RequestConfig } from './internals.ts'
import { keepToOrigin } from './keep-to-origin.ts'
import { outcomeOf } from './outcome.ts'
import { isReplayable, watchBody } from './upload.ts'

/** Who authorizes a connection's requests, and who is told what they carry. */
export interface Carrier {
  readonly authorizer: Authorizer
  /** The headers of each request, as it leaves. */
  readonly sent: (headers: Authorization['headers']) => void
}

/** Where a request goes. `undefined`: nowhere; axios itself says what is wrong. */
function addressOf({ url, baseURL, params, paramsSerializer }: RequestConfig): URL | undefined {
  const parts = { url, baseURL, params: params as unknown, paramsSerializer }
  try {
    return new URL(axiosOf().getUri(parts as RequestConfig))
  } catch {
    return undefined
  }
}

/** The request with these headers, which the caller's own configuration never has. */
const carrying = (config: RequestConfig, url: URL, headers: Authorization['headers']): RequestConfig => ({
  ...config,
  headers: config.headers.concat(headers),
  beforeRedirect: keepToOrigin(url),
})

/**
 * An adapter of axios that sends one request of js-client with a token that is good now, and once more where the
 * back-end refused it. It works below js-client and axios: both see one request and its last answer, and neither the token.
 */
export function authorizedAdapter({ authorizer, sent }: Carrier): Adapter {
  return async (config) => {
    const axios = axiosOf()
    const send = axios.getAdapter(axios.defaults.adapter)
    const url = addressOf(config)
    if (url === undefined) return send(config)
    const request: OutgoingRequest = {
      method: (config.method ?? 'get').toUpperCase(),
      url,
      signal: config.signal as AbortSignal | undefined,
    }
    const checkBody = watchBody(config.data)
    const authorization = await authorizer(request)
    checkBody()
    if (authorization === undefined) return send(config)
    const replayable = isReplayable(config.data)
    const { response, error } = await sendAuthorized(authorization, {
      send: (headers) => {
        sent(headers)
        return outcomeOf(send(carrying(config, url, headers)), { config, request })
      },
      answer: (outcome) => answerOf(outcome, request, replayable),
      // Read to its end: it was small, and looked at.
      discard: async () => {},
    })
    if (error !== undefined) throw error
    return response
  }
}
