import { type Authorization, afterRedirect } from '@latchkey/core'
import {
  AxiosError,
  AxiosHeaders,
  type AxiosRequestHeaders,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import { headerOf } from './answer.ts'
import { isReplayable } from './body.ts'

/** One hop about to leave: what axios is given for it, without anything of ours. */
export interface Hop {
  readonly method: string
  readonly url: URL
  readonly config: InternalAxiosRequestConfig
}

/** What the caller meant for the first origin only. */
const ofOrigin: readonly string[] = ['authorization', 'cookie', 'proxy-authorization']

const copyOf = (headers: AxiosRequestHeaders): AxiosRequestHeaders =>
  Object.assign(Object.create(Object.getPrototypeOf(headers) as object), headers) as AxiosRequestHeaders

/** The headers of a hop with ours set over what they have under these names. */
export function headersWith(hop: Hop, ours: Authorization['headers']): AxiosRequestHeaders {
  const headers = copyOf(hop.config.headers)
  for (const name of Object.keys(ours)) headers.set(name, ours[name])
  return headers
}

/** Where an answer redirects to. `undefined`: nowhere. */
export function targetOf(hop: Hop, response: AxiosResponse): ReturnType<typeof afterRedirect> {
  if (response.status < 300 || response.status > 399) return undefined
  return afterRedirect(hop, response.status, headerOf(response, 'location') || null)
}

/** The headers of the next hop, after `beforeRedirect` has seen and perhaps changed them. */
function consulted(
  { config, method, url }: Hop,
  { headers, status }: AxiosResponse,
  next: { readonly href: string; readonly method: string; readonly headers: AxiosRequestHeaders },
): AxiosRequestHeaders {
  if (config.beforeRedirect === undefined) return next.headers
  const options = { ...next, headers: next.headers.toJSON() }
  config.beforeRedirect(
    options,
    { headers: headers as Record<string, string>, statusCode: status },
    { headers: config.headers.toJSON() as Record<string, string>, url: url.href, method },
  )
  return AxiosHeaders.from(options.headers)
}

/** The same request at another address, as axios redirects it. */
export function redirectedHop(
  hop: Hop,
  response: AxiosResponse,
  target: NonNullable<ReturnType<typeof afterRedirect>>,
): Hop {
  const { config } = hop
  const headers = copyOf(config.headers)
  headers.delete('host')
  if (!target.keepsBody) for (const name of Object.keys(headers)) if (/^content-/i.test(name)) headers.delete(name)
  if (target.url.origin !== hop.url.origin) headers.delete([...ofOrigin, ...(config.sensitiveHeaders ?? [])])
  if (target.keepsBody && !isReplayable(config.data)) {
    throw new Error('A stream cannot follow a redirect: it is used up.')
  }
  const { href } = target.url
  const { baseURL: _base, params: _params, data, ...rest } = config
  return {
    method: target.method,
    url: target.url,
    config: {
      ...rest,
      url: href,
      method: target.method.toLowerCase(),
      headers: consulted(hop, response, { href, method: target.method, headers }),
      ...(target.keepsBody ? { data: data as unknown } : {}),
    },
  }
}

/** A redirect that cannot be followed, as axios reports it. */
export function redirectError(error: unknown, config: InternalAxiosRequestConfig, response: AxiosResponse): unknown {
  if (error instanceof AxiosError) return error
  const { request } = response as { request?: unknown }
  return AxiosError.from(error, 'ERR_FR_REDIRECTION_FAILURE', config, request)
}
