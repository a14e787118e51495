import { type Authorizer, bearer } from '@latchkey/core'
import { type ProtectedApi, protectedApi } from '../api/protected-api.ts'
import { type CountingOptions, type CountingSource, countingSource } from '../counting-source.ts'

/** A request, in no client's words. */
export interface AdapterRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: AdapterBody | undefined
  readonly signal?: AbortSignal | undefined
}

/** A body as the client under test takes it. */
export type AdapterBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'params'; readonly value: Readonly<Record<string, string>> }
  | { readonly kind: 'form'; readonly value: Readonly<Record<string, string>> }
  /** Whatever the client sends once only: a web or a Node stream. */
  | { readonly kind: 'stream'; readonly value: string }

/** An answer, in no client's words. */
export interface AdapterAnswer {
  readonly status: number
  readonly text: string
  /** Where it came from in the end. */
  readonly url: string
}

/** Sends through the client; resolves for every status, follows redirects. */
export type AdapterSend = (request: AdapterRequest) => Promise<AdapterAnswer>

/** Three APIs on three origins and one login: what each row of the contract starts with. */
export interface AdapterBench {
  /** Allowed. */
  readonly a: ProtectedApi
  /** Foreign. */
  readonly b: ProtectedApi
  /** Allowed. */
  readonly c: ProtectedApi
  readonly source: CountingSource
  readonly send: AdapterSend
  /** The same client with another authorizer. */
  client(authorizer: Authorizer): Promise<AdapterSend>
  /** Withdraws the current token: the next request with it is refused. */
  revoke(): void
  get(url: string): Promise<AdapterAnswer>
  close(): Promise<void>
}

/** Sets up one row. */
export async function adapterBench(
  makeClient: (authorizer: Authorizer) => AdapterSend | Promise<AdapterSend>,
  options: CountingOptions = {},
): Promise<AdapterBench> {
  const source = countingSource(options)
  const refused = new Set<string>()
  const verify = (token: string): boolean => token === source.current && !refused.has(token)
  const [a, b, c] = await Promise.all([protectedApi({ verify }), protectedApi({ verify }), protectedApi({ verify })])
  const client = async (authorizer: Authorizer): Promise<AdapterSend> => makeClient(authorizer)
  const send = await client(bearer(source, [a.origin, c.origin]))
  return {
    a,
    b,
    c,
    source,
    send,
    client,
    revoke: () => {
      refused.add(source.current)
    },
    get: (url) => send({ method: 'GET', url }),
    close: async () => {
      await Promise.all([a.close(), b.close(), c.close()])
    },
  }
}
