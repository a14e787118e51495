import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'

/** One request that reached an API. */
export interface Arrival {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  /** `''` above 64 KiB. */
  readonly body: string
  readonly bytes: number
  /** SHA-256 of the body, in hex. */
  readonly digest: string
  /** `performance.now()` when its body was whole. */
  readonly at: number
  /** The client's end of the connection it came on. */
  readonly port: number | undefined
}

type Route = (request: Arrival, response: ServerResponse, rest: string, query: URLSearchParams) => void

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function nonceIn(proof: string | undefined): unknown {
  const payload = proof?.split('.')[1]
  if (payload === undefined) return undefined
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { nonce?: unknown }).nonce
}

const routes: Readonly<Record<string, Route>> = {
  status: (_request, response, rest) => json(response, Number(rest), { status: Number(rest) }),
  redirect: (_request, response, rest, query) => {
    response.writeHead(Number(rest), { location: query.get('to') ?? '' }).end('moved')
  },
  hops: (_request, response, rest) => {
    const left = Number(rest)
    if (left === 0) json(response, 200, { ok: true })
    else response.writeHead(302, { location: `${left - 1}` }).end()
  },
  echo: (request, response) => json(response, 200, request),
  bytes: (_request, response, rest) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.alloc(Number(rest), 'x'))
  },
  cookie: (_request, response) => {
    response.writeHead(200, { 'set-cookie': ['a=1; Path=/', 'b=2; HttpOnly'] }).end('{}')
  },
  nocontent: (_request, response) => {
    response.writeHead(204).end()
  },
  // RFC 9449 section 9: the nonce in the path is demanded, or a new one given with every answer.
  nonce: (request, response, rest) => {
    if (nonceIn(request.headers['dpop']) === rest) return json(response, 200, { ok: true })
    const headers = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': rest }
    response.writeHead(401, headers).end()
  },
  rotate: (_request, response) => {
    response.setHeader('dpop-nonce', randomUUID())
    json(response, 200, { ok: true })
  },
  challenge: (_request, response, _rest, query) => {
    response.writeHead(Number(query.get('status') ?? 401), { 'www-authenticate': query.get('value') ?? '' })
    response.end('{"code":"Challenged"}')
  },
}

/** Answers a request that was let in. */
export function route(request: Arrival, response: ServerResponse): void {
  const url = new URL(request.path, 'http://api.invalid')
  const [name = '', ...rest] = url.pathname.slice(1).split('/')
  const found = routes[name]
  if (found !== undefined) found(request, response, rest.join('/'), url.searchParams)
  else json(response, 200, { ok: true })
}
