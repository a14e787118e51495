import { type Connection, type Environment, OpenEO } from '@openeo/js-client'

/** The axios that js-client itself requires. */
export type Axios = typeof Environment.axios
export type Adapter = ReturnType<Axios['getAdapter']>
export type RequestConfig = Parameters<Adapter>[0]
export type Response = Awaited<ReturnType<Adapter>>

/** What js-client asks its axios for, and whether it adds its token: `undefined` and `true` do. */
export interface SendOptions {
  readonly authorization?: boolean | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly adapter?: Adapter | undefined
}

/** Every request of a connection: lists, pages, jobs, uploads and downloads all go through it. */
export type Send = (options: SendOptions, abortController?: AbortController | null) => Promise<unknown>

/** What js-client marks as protected. It has been there, as it is, since 2.0. */
export interface Internals {
  _send: Send
  emit(event: string, ...values: readonly unknown[]): void
}

/** A connection with what its types keep to themselves. */
export const internals = (connection: Connection): Internals => connection as unknown as Internals

/** js-client's axios. It is asked for the adapter that sends, and for nothing else: no interceptor, no default. */
export const axiosOf = (): Axios =>
  (OpenEO as unknown as { readonly Environment: { readonly axios: Axios } }).Environment.axios
