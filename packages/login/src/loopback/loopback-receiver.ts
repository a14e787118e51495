import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { AuthError, aborted } from '@latchkey/core'
import { headersOf, type PageDetails, type PageName, pageOf } from '../page/page.ts'
import { bindLoopback, type LoopbackHost } from './bind.ts'
import { closeServers, pause } from './close-servers.ts'
import { formBody } from './form-body.ts'
import { requestFault } from './request-fault.ts'

/** Where the browser's answer is received (RFC 8252 section 7.3). */
export interface LoopbackOptions {
  /** As the client's registration spells it; default `127.0.0.1` (RFC 8252 section 8.3 advises against `localhost`). */
  readonly host?: LoopbackHost | undefined
  /** Tried in order, for issuers that compare ports; default one that the kernel chooses. */
  readonly ports?: readonly number[] | undefined
  /** Default `/callback`; may be empty. */
  readonly path?: string | undefined
  /** The answer comes as a form (OAuth 2.0 Form Post Response Mode); default false. */
  readonly formPost?: boolean | undefined
  /** What the pages may call the program and the issuer. */
  readonly details?: PageDetails | undefined
}

/** A server on loopback that waits for one answer. */
export interface LoopbackReceiver {
  /** What to send to the issuer. */
  readonly redirectUri: string
  /**
   * Waits until the answer has come. What `isAnswer` denies is answered with 400 and ignored, as is everything that is
   * no navigation of a person's browser to this address. Rejects with `ABORTED` when the signal fires.
   */
  receive(
    isAnswer: (answer: URLSearchParams) => boolean,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<URLSearchParams>
  /**
   * Shows the browser that brought the answer how the login ended, and frees the port. At once, but for a second at most
   * in which that browser may ask for its page. Later calls change nothing.
   *
   * @param shown default `failed`
   */
  close(shown?: PageName): Promise<void>
}

/** What a receiver knows of its one login. */
interface Wait {
  isAnswer: ((answer: URLSearchParams) => boolean) | undefined
  received: ((answer: URLSearchParams) => void) | undefined
  /** The answer that was taken. */
  taken: string | undefined
  /** Set once the login has ended. */
  shown: PageName | undefined
  /** Browsers that wait for the end of the login. */
  readonly held: Set<ServerResponse>
  /** Resolves when the first of them has come. */
  readonly asked: AbortController
}

/** In this time a browser that was sent to its page has asked for it. */
const graceMs = 1_000

/**
 * Starts to listen for the answer of one login: on 127.0.0.1 and ::1 only. The browser that brings it is sent on at
 * once to a page whose address holds no code, and that page comes when the login has ended, so that it says what is so.
 *
 * @throws `CONFIG_INVALID` when no port is free, or the path is none
 */
export async function loopbackReceiver(options: LoopbackOptions = {}): Promise<LoopbackReceiver> {
  const { host = '127.0.0.1', ports = [0], path = '/callback', formPost = false, details = {} } = options
  if (!/^(\/[\w./~-]*)?$/.test(path))
    throw new AuthError('CONFIG_INVALID', `The path of a redirect URI cannot be ${path}.`)
  const wait: Wait = {
    isAnswer: undefined,
    received: undefined,
    taken: undefined,
    shown: undefined,
    held: new Set(),
    asked: new AbortController(),
  }
  const pagePath = `/done/${randomBytes(16).toString('base64url')}`
  const place = { redirectUri: '', formPost, pages: [pagePath] }
  const { port, servers } = await bindLoopback(
    // An `isAnswer` that throws has not said that this is the answer.
    (request, response) => void handle(request, response, { wait, place, details }).catch(() => response.destroy()),
    host,
    ports.length === 0 ? [0] : ports,
  )
  place.redirectUri = `http://${host}:${port}${path}`
  let ended: Promise<void> | undefined
  return {
    redirectUri: place.redirectUri,
    receive: (isAnswer, { signal } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(aborted(signal))
        wait.isAnswer = isAnswer
        wait.received = resolve
        signal?.addEventListener('abort', () => reject(aborted(signal)), { once: true })
      }),
    close: (shown = 'failed') => {
      ended ??= end(wait, servers, shown, details)
      return ended
    },
  }
}

async function end(wait: Wait, servers: readonly Server[], shown: PageName, details: PageDetails): Promise<void> {
  wait.shown = shown
  wait.isAnswer = undefined
  for (const response of wait.held) sendPage(response, 200, shown, details)
  if (wait.taken !== undefined && wait.held.size === 0) await pause(graceMs, wait.asked.signal)
  await closeServers(servers, [...wait.held])
}

interface Handling {
  readonly wait: Wait
  readonly place: { readonly redirectUri: string; readonly formPost: boolean; readonly pages: readonly string[] }
  readonly details: PageDetails
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { wait, place, details }: Handling,
): Promise<void> {
  const { method = '', url: target = '', headers, rawHeaders } = request
  response.on('error', () => undefined)
  const fault = requestFault({ method, target, headers, rawHeaders }, place)
  if (fault !== undefined) {
    const allow = fault.allow === undefined ? {} : { allow: fault.allow }
    return void response.writeHead(fault.status, { ...headersOf('text/plain'), ...allow }).end()
  }
  const [path = '', query = ''] = target.split(/\?(.*)/s)
  const [pagePath = ''] = place.pages
  if (path === pagePath) return hold(response, wait, details)
  const text = method === 'POST' ? await formBody(request) : query
  if (text === undefined) return void response.writeHead(413, headersOf('text/plain')).end()
  if (text === wait.taken) return sendOn(response, pagePath)
  const answer = new URLSearchParams(text)
  if (wait.taken !== undefined) return sendPage(response, 409, 'received', details)
  if (wait.isAnswer?.(answer) !== true) return sendPage(response, 400, 'stray', details)
  wait.taken = text
  sendOn(response, pagePath)
  wait.received?.(answer)
}

/** The browser leaves the address that holds the code at once: neither its history nor a reload knows that address. */
function sendOn(response: ServerResponse, location: string): void {
  response.writeHead(303, { ...headersOf('text/plain'), location }).end()
}

function hold(response: ServerResponse, wait: Wait, details: PageDetails): void {
  wait.held.add(response)
  wait.asked.abort()
  if (wait.shown !== undefined) sendPage(response, 200, wait.shown, details)
}

function sendPage(response: ServerResponse, status: number, name: PageName, details: PageDetails): void {
  response.writeHead(status, headersOf('text/html')).end(pageOf(name, details))
}
