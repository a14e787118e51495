import type { IncomingMessage } from 'node:http'
import { listen } from '../listen.ts'
import { requestBody } from '../request-body.ts'
import { type Reply, sendReply } from './reply.ts'

/** One request that reached a scripted issuer. */
export interface ScriptedRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** The body read as a form. */
  readonly form: Readonly<Record<string, string>>
  /** `performance.now()` at its arrival. */
  readonly at: number
}

/** One row: what is expected, and what is answered. Used once, or `times`. */
export interface Exchange {
  /** `POST /token`; a path without a query stands for any query. */
  readonly request: string
  /** Fields the form must have. */
  readonly form?: Readonly<Record<string, string>> | undefined
  readonly reply: Reply | ((request: ScriptedRequest) => Reply | Promise<Reply>)
  /** How often; default once. */
  readonly times?: number | undefined
}

/** A server that does what a table says. */
export interface ScriptedIssuer {
  readonly issuer: string
  /** Everything that arrived, discovery included. */
  readonly requests: readonly ScriptedRequest[]
  /** The requests of one path. */
  received(path: string): readonly ScriptedRequest[]
  /** What came without standing in the table, answered 599. A test ends with `expect(unexpected).toEqual([])`. */
  readonly unexpected: readonly string[]
  /** Rows that nobody has asked for (again). */
  readonly left: readonly string[]
  /** More rows. */
  add(...exchanges: readonly Exchange[]): void
  close(): Promise<void>
}

/** How a scripted issuer is set up. */
export interface ScriptedOptions {
  /** Merged into its discovery document; a member that is `undefined` leaves the document. */
  readonly metadata?: Readonly<Record<string, unknown>> | ((issuer: string) => Readonly<Record<string, unknown>>)
  /** Leaves discovery to the table. Default false. */
  readonly noDiscovery?: boolean | undefined
  /** A path in the issuer. Default none. */
  readonly path?: string | undefined
}

/** What a scripted issuer says of itself unless told otherwise. */
function metadataOf(issuer: string, options: ScriptedOptions): Readonly<Record<string, unknown>> {
  const more = typeof options.metadata === 'function' ? options.metadata(issuer) : options.metadata
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    device_authorization_endpoint: `${issuer}/device_authorization`,
    jwks_uri: `${issuer}/jwks`,
    revocation_endpoint: `${issuer}/revoke`,
    introspection_endpoint: `${issuer}/introspect`,
    userinfo_endpoint: `${issuer}/userinfo`,
    registration_endpoint: `${issuer}/register`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
    ...more,
  }
}

async function read(request: IncomingMessage, prefix: string): Promise<ScriptedRequest> {
  const at = performance.now()
  const body = (await requestBody(request)).toString()
  const path = (request.url ?? '/').slice(prefix.length) || '/'
  const form = Object.fromEntries(new URLSearchParams(body))
  return { method: request.method ?? '', path, headers: request.headers, body, form, at }
}

interface Row {
  readonly exchange: Exchange
  left: number
}

function fits({ exchange, left }: Row, request: ScriptedRequest): boolean {
  const path = exchange.request.includes('?') ? request.path : request.path.split('?')[0]
  if (left <= 0 || exchange.request !== `${request.method} ${path}`) return false
  return Object.entries(exchange.form ?? {}).every(([name, value]) => request.form[name] === value)
}

/**
 * A server that answers from a table of expected requests and replies, for the faults that no real issuer makes on
 * demand. Rows of the same request are used in their order. Its discovery document needs no row.
 */
export async function scriptedIssuer(
  table: readonly Exchange[] | ((issuer: string) => readonly Exchange[]),
  options: ScriptedOptions = {},
): Promise<ScriptedIssuer> {
  const prefix = options.path ?? ''
  const requests: ScriptedRequest[] = []
  const unexpected: string[] = []
  const rows: Row[] = []
  const add = (...exchanges: readonly Exchange[]): void => {
    for (const exchange of exchanges) rows.push({ exchange, left: exchange.times ?? 1 })
  }

  const answer = async (request: ScriptedRequest, issuer: string): Promise<Reply> => {
    const row = rows.find((candidate) => fits(candidate, request))
    if (row !== undefined) {
      row.left--
      const { reply } = row.exchange
      return typeof reply === 'function' ? reply(request) : reply
    }
    if (options.noDiscovery !== true && request.path.startsWith('/.well-known/')) {
      return { body: metadataOf(issuer, options) }
    }
    unexpected.push(`${request.method} ${request.path} ${request.body}`.trim())
    return { status: 599, body: { error: 'unexpected_request' } }
  }

  const server = await listen((origin) => async (incoming, response) => {
    try {
      const request = await read(incoming, prefix)
      requests.push(request)
      await sendReply(response, await answer(request, origin + prefix))
    } catch (error) {
      // A request that its client broke off is no fault of the table; one that the table's own function failed on is.
      if (!incoming.destroyed || incoming.complete) unexpected.push(`failed: ${String(error)}`)
      response.destroy()
    }
  })
  const issuer = server.origin + prefix
  add(...(typeof table === 'function' ? table(issuer) : table))

  return {
    issuer,
    requests,
    received: (path) => requests.filter((request) => request.path.split('?')[0] === path),
    unexpected,
    get left() {
      return rows
        .filter((row) => row.left > 0 && row.left !== Number.POSITIVE_INFINITY)
        .map((row) => row.exchange.request)
    },
    add,
    close: server.close,
  }
}
