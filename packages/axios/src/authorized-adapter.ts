import type { Authorizer } from '@latchkey/core'
import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { addressOf } from './address.ts'
import { watchBody } from './body.ts'
import { follow } from './follow.ts'
import type { Hop } from './hop.ts'
import { limitError, limitsOf } from './limits.ts'

/** What holds for one instance: `undefined` once its authorizer was taken off. */
export interface Guard {
  authorizer: Authorizer | undefined
}

type Given = InternalAxiosRequestConfig['adapter']

/** Where an adapter of ours keeps the one that it wraps: libraries that retry send `error.config` again. */
const wrapped: unique symbol = Symbol('latchkey.adapter')

const byName: ReadonlySet<string> = new Set(['string', 'object'])

/** `auth` and a user in the address end up in the same header. */
function isAuthorizedByHand({ headers, auth }: InternalAxiosRequestConfig, url: URL): boolean {
  return Boolean(auth) || url.username !== '' || url.password !== '' || headers.has('authorization')
}

/** Redirects that we follow in place of the adapter; `undefined` where bare axios would follow none. */
function mostRedirects(config: InternalAxiosRequestConfig, send: AxiosAdapter): number | undefined {
  const { maxRedirects, httpVersion, transport, fetchOptions } = config
  if (maxRedirects === 0) return undefined
  if (send === axios.getAdapter('http'))
    return Number(httpVersion) === 2 || transport ? undefined : (maxRedirects ?? 21)
  const mode = (fetchOptions as RequestInit | undefined)?.redirect ?? 'follow'
  return mode === 'follow' ? 20 : undefined
}

/** Adapters of axios are told the very address that was decided about; one of the caller's own sees what it always saw. */
function firstHop(config: InternalAxiosRequestConfig, given: Given): Hop | undefined {
  const address = addressOf(config)
  if (address === undefined) return undefined
  const { url, absolute } = address
  const method = (config.method ?? 'get').toUpperCase()
  if (!byName.has(typeof given)) return { method, url, config }
  const { baseURL: _base, ...rest } = config
  return { method, url, config: { ...rest, url: absolute } }
}

async function dispatch(guard: Guard, given: Given, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  const { authorizer } = guard
  const send = axios.getAdapter(given, config)
  const hop = firstHop(config, given)
  if (authorizer === undefined || hop === undefined || isAuthorizedByHand(config, hop.url)) return send(config)
  const limits = limitsOf(config)
  const checkBody = watchBody(config)
  try {
    const authorization = await authorizer({ method: hop.method, url: hop.url, signal: limits.signal })
    checkBody()
    if (authorization === undefined) return await send(config)
    const call = { config, authorizer, send, limits, mostRedirects: mostRedirects(config, send) }
    return await follow(call, hop, authorization)
  } catch (error) {
    throw limitError(error)
  } finally {
    limits.end()
  }
}

/** An adapter that authorizes what it sends through the given one. */
export function authorizedAdapter(guard: Guard, given: Given): AxiosAdapter {
  const inner = (given as { [wrapped]?: Given } | undefined)?.[wrapped] ?? given ?? axios.defaults.adapter
  const adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => dispatch(guard, inner, config)
  return Object.assign(adapter, { [wrapped]: inner })
}
