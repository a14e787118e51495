import { AuthError, type Authorizer } from '@latchkey/core'
import axios, { type AxiosInstance } from 'axios'
import { authorizedAdapter, type Guard } from './authorized-adapter.ts'

interface Guarded extends Guard {
  readonly interceptor: number
}

const guarded = new WeakMap<AxiosInstance, Guarded>()

/**
 * An axios instance whose requests carry what the authorizer gives for their origin, renewed when the API refuses it.
 * What it has no answer for is sent as axios sends it, and so is a request with an `Authorization` header or an `auth`
 * of its own, also one in the defaults of the instance.
 *
 * - The instance keeps its type, its defaults and its interceptors; transforms and response interceptors run once a
 *   call. Nothing of ours is in `config.headers`, and so not in `error.config`.
 * - Redirects are followed here, as many as `maxRedirects` says (default 21): each hop is put to the authorizer, and
 *   after one hop that it does not serve no later one carries anything.
 * - A refused request is sent again with its body, except where that was a stream: then the answer is the caller's and
 *   the token is renewed for the next.
 * - `timeout`, in ms, covers the wait for a token and all hops. An abort is axios' own `CanceledError`; all else that
 *   fails on our side is an `AuthError`.
 *
 * @param instance what sends, changed in place; default a new one
 * @returns the same instance
 * @throws `CONFIG_INVALID` when the instance has an authorizer already
 */
export function withAuth<I extends AxiosInstance = AxiosInstance>(authorizer: Authorizer, instance?: I): I {
  const client = instance ?? (axios.create() as I)
  if (guarded.has(client)) {
    throw new AuthError(
      'CONFIG_INVALID',
      'This axios instance has an authorizer already. For several APIs give it one with anyOf([…]); to replace it, call withoutAuth(instance) first.',
    )
  }
  const guard: Guard = { authorizer }
  const interceptor = client.interceptors.request.use(
    (config) => {
      config.adapter = authorizedAdapter(guard, config.adapter)
      return config
    },
    null,
    { synchronous: true },
  )
  guarded.set(client, Object.assign(guard, { interceptor }))
  return client
}

/**
 * Takes the authorizer off an instance, which then is as it was before {@link withAuth}. Nothing happens to one that
 * has none.
 *
 * @returns the same instance
 */
export function withoutAuth<I extends AxiosInstance>(instance: I): I {
  const guard = guarded.get(instance)
  if (guard === undefined) return instance
  instance.interceptors.request.eject(guard.interceptor)
  guard.authorizer = undefined
  guarded.delete(instance)
  return instance
}
