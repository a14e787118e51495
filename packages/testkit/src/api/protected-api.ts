import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen } from '../listen.ts'
import { listenSecure } from '../listen-secure.ts'
import { requestBody } from '../request-body.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { type Arrival, route } from './route.ts'

/** How a protected API is set up. */
export interface ApiOptions {
  /** Whether a token is good now. Default: every token is, until {@link ProtectedApi.refuse} names it. */
  readonly verify?: ((accessToken: string) => unknown) | undefined
  /** With TLS, for HTTP/2 and 1.1; its certificate is `testCertificate`. Default false. */
  readonly secure?: boolean | undefined
}

/** What a running API may be told to do otherwise; read anew for every request. */
export interface ApiSettings {
  /** Answers 401 to every token, for ever. Default false. */
  alwaysRefuse: boolean
  /** How a refused token is told: 401 with a challenge; the 403 of openEO back-ends; 401 without a challenge. */
  refusal: Refusal
  /** Milliseconds before each answer. Default 0. */
  delay: number
  /** The body of a refusal, padded to so many bytes. Default 0. */
  refusalBytes: number
}

/** A server that lets nobody in without a good token, and remembers everything that reached it. */
export interface ProtectedApi {
  readonly origin: string
  readonly settings: ApiSettings
  /** Every request, in order of arrival. */
  readonly arrivals: readonly Arrival[]
  /** What was sent to one path, with or without a good token. */
  received(path: string): readonly Arrival[]
  /** Refusals given, of any kind. */
  readonly refusals: number
  /** Refuses one token from now on, though its issuer would not. */
  refuse(accessToken: string): void
  /** Forgets what arrived. */
  clear(): void
  close(): Promise<void>
}

/** What a request was, once its body is whole. */
export async function arrival(request: IncomingMessage): Promise<Arrival> {
  const body = await requestBody(request)
  return {
    method: request.method ?? '',
    path: request.url ?? '/',
    headers: request.headers as Readonly<Record<string, string | undefined>>,
    body: body.length > 65_536 ? '' : body.toString(),
    bytes: body.length,
    digest: createHash('sha256').update(body).digest('hex'),
    at: performance.now(),
    port: request.socket.remotePort,
  }
}

/** The token in a Bearer or DPoP header; openEO's `oidc/PROVIDER/` in front of it is taken off. */
function tokenOf(header: string | undefined): string | undefined {
  return /^(?:Bearer|DPoP) (?:oidc\/[^/]+\/)?(\S+)$/i.exec(header ?? '')?.[1]
}

function sendRefusal(response: ServerResponse, settings: ApiSettings, hadToken: boolean, head: boolean): void {
  const { status, headers, body } = refusalOf(settings.refusal, hadToken)
  response.writeHead(status, headers)
  response.end(head ? undefined : body.padEnd(settings.refusalBytes, ' '))
}

/**
 * A protected API on loopback. Paths (all but `/open/…` need a good token):
 * `/status/CODE` · `/redirect/CODE?to=URL` · `/hops/N` (N redirects) · `/echo` (what arrived, as JSON) · `/bytes/N` · `/cookie` (sets one) ·
 * `/nocontent` · `/challenge?status=CODE&value=HEADER` (that challenge, for ever) · anything else 200 `{"ok":true}`.
 */
export async function protectedApi(options: ApiOptions = {}): Promise<ProtectedApi> {
  const settings: ApiSettings = { alwaysRefuse: false, refusal: 'challenge', delay: 0, refusalBytes: 0 }
  const refused = new Set<string>()
  let arrivals: Arrival[] = []
  let refusals = 0

  const isGood = async (token: string | undefined): Promise<boolean> => {
    if (settings.alwaysRefuse || token === undefined || refused.has(token)) return false
    return options.verify === undefined || Boolean(await options.verify(token))
  }

  const server = await (options.secure ? listenSecure : listen)(() => async (request, response) => {
    try {
      const arrived = await arrival(request)
      arrivals.push(arrived)
      const token = tokenOf(arrived.headers['authorization'])
      // Verified before the delay: that is how late refusals come about.
      const open = arrived.path.startsWith('/open/')
      const good = open || (await isGood(token))
      if (settings.delay > 0) await new Promise((resolve) => setTimeout(resolve, settings.delay))
      if (good) return route(open ? { ...arrived, path: arrived.path.slice(5) } : arrived, response)
      refusals++
      sendRefusal(response, settings, token !== undefined, arrived.method === 'HEAD')
    } catch {
      response.destroy() // the client broke off
    }
  })

  return {
    origin: server.origin,
    settings,
    get arrivals() {
      return arrivals
    },
    received: (path) => arrivals.filter((one) => one.path.split('?')[0] === path),
    get refusals() {
      return refusals
    },
    refuse: (accessToken) => {
      refused.add(accessToken)
    },
    clear: () => {
      arrivals = []
      refusals = 0
    },
    close: server.close,
  }
}
