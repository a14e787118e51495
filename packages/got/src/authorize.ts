import { publish } from '@latchkey/core'
import type { Hooks, Options } from 'got'
import type { Call } from './call.ts'

/** `username`, `password` and a user in the address end up in the same header. */
export function isAuthorizedByHand({
  headers,
  username,
  password,
}: Pick<Options, 'headers' | 'username' | 'password'>): boolean {
  return headers['authorization'] !== undefined || username !== '' || password !== ''
}

/** Takes what the hop carried out of the options, which outlive it: in redirects, retries, pages and errors. */
export function release(call: Call, options: Pick<Options, 'headers'>): Call['carried'] {
  const { carried } = call
  call.carried = undefined
  for (const name of Object.keys(carried?.headers ?? {})) delete options.headers[name]
  return carried
}

/** The last `beforeRequest` hook: what leaves is what was decided about. */
export async function authorize(call: Call, options: Parameters<Hooks['beforeRequest'][number]>[0]): Promise<void> {
  release(call, options)
  if (call.over) return
  if (isAuthorizedByHand(options)) {
    call.over = true
    return
  }
  const { next } = call
  call.next = undefined
  call.sends = next === undefined ? 1 : call.sends + 1
  const { method, signal } = options
  const url = new URL(options.url ?? '')
  const authorization = next ?? (await call.authorizer({ method, url, signal }))
  if (authorization === undefined) {
    call.over = true
    if (call.hops > 0) publish('latchkey:left-origins', () => ({ origin: url.origin, hop: call.hops }))
    return
  }
  call.carried = authorization
  Object.assign(options.headers, authorization.headers)
}
