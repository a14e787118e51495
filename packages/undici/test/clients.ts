import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Authorizer } from '@latchkey/core'
import type { AdapterAnswer, AdapterBody, AdapterRequest, AdapterSend } from '@latchkey/testkit/contracts/adapter-bench'
import {
  Agent,
  type Dispatcher,
  FormData,
  interceptors,
  pipeline,
  type RequestInit,
  type Response,
  request,
  stream,
} from 'undici'
import { onTestFinished } from 'vitest'
import { withAuth } from '../src/index.ts'

/** A dispatcher as the README has it, gone when the test is. */
export function dispatcherWith(authorizer: Authorizer, inner: Dispatcher = new Agent()): Dispatcher {
  onTestFinished(() => inner.destroy())
  return inner.compose(withAuth(authorizer), interceptors.redirect({ maxRedirections: 20, throwOnMaxRedirect: true }))
}

interface UndiciBody {
  readonly body: string | Uint8Array | Readable | FormData
  readonly type?: string
}

/** A body as undici takes it. */
function undiciBody(body: AdapterBody): UndiciBody {
  if (body.kind === 'json') return { body: JSON.stringify(body.value), type: 'application/json' }
  if (body.kind === 'bytes') return { body: body.value }
  if (body.kind === 'stream') return { body: Readable.from([Buffer.from(body.value)]) }
  if (body.kind === 'params') {
    // As text: undici sends URLSearchParams to no server.
    return { body: new URLSearchParams(body.value).toString(), type: 'application/x-www-form-urlencoded' }
  }
  const form = new FormData()
  for (const [name, value] of Object.entries(body.value)) form.append(name, value)
  return { body: form }
}

interface Sent {
  readonly dispatcher: Dispatcher
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | Readable | FormData | null
  readonly signal: AbortSignal | null
}

/** A request of the contract in the words of undici. */
function undiciOptions(sent: AdapterRequest, dispatcher: Dispatcher): Sent {
  const { type, body } = sent.body === undefined ? { type: undefined, body: null } : undiciBody(sent.body)
  return {
    dispatcher,
    method: sent.method,
    headers: { ...sent.headers, ...(type === undefined ? {} : { 'content-type': type }) },
    body,
    signal: sent.signal ?? null,
  }
}

/** Where an answer came from: the last of the addresses that the redirect interceptor went through. */
function arrivedAt(context: object | null, url: string): string {
  const { history = [] } = (context ?? {}) as { history?: readonly URL[] }
  return history.at(-1)?.href ?? url
}

/** `undici.request` as a client of the contract. */
export function requester(dispatcher: Dispatcher): AdapterSend {
  return async (sent) => {
    const { statusCode, body, context } = await request(sent.url, undiciOptions(sent, dispatcher))
    return { status: statusCode, text: await body.text(), url: arrivedAt(context, sent.url) }
  }
}

/** `undici.stream` as a client of the contract. */
export function streamer(dispatcher: Dispatcher): AdapterSend {
  return async (sent) => {
    const into = new PassThrough()
    const whole = text(into)
    whole.catch(() => {})
    const answer: { status: number; url: string } = { status: 0, url: '' }
    await stream(sent.url, undiciOptions(sent, dispatcher), ({ statusCode, context }) => {
      Object.assign(answer, { status: statusCode, url: arrivedAt(context, sent.url) })
      return into
    })
    return { ...answer, text: await whole }
  }
}

/** `undici.pipeline` as a client of the contract: every body is a stream to it. */
export function pipeliner(dispatcher: Dispatcher): AdapterSend {
  return async (sent): Promise<AdapterAnswer> => {
    const { body, ...options } = undiciOptions(sent, dispatcher)
    const answer = { status: 0, url: '' }
    const duplex = pipeline(sent.url, options, ({ statusCode, body: received, context }) => {
      Object.assign(answer, { status: statusCode, url: arrivedAt(context, sent.url) })
      return received
    })
    const given = body instanceof Readable ? await text(body) : body
    const whole = text(duplex)
    whole.catch(() => {})
    duplex.end(given ?? undefined)
    return { text: await whole, ...answer }
  }
}

/** A request of the contract as the `init` of `undici.fetch`. */
export function fetchInit(sent: AdapterRequest, dispatcher?: Dispatcher): RequestInit {
  const { type, body } = sent.body === undefined ? { type: undefined, body: null } : undiciBody(sent.body)
  return {
    method: sent.method,
    headers: { ...sent.headers, ...(type === undefined ? {} : { 'content-type': type }) },
    body: body instanceof Readable ? Readable.toWeb(body) : body,
    duplex: 'half',
    ...(sent.signal ? { signal: sent.signal } : {}),
    ...(dispatcher ? { dispatcher } : {}),
  }
}

/** What came back from `undici.fetch`. */
export async function fetchAnswer(response: Response): Promise<AdapterAnswer> {
  return { status: response.status, text: await response.text(), url: response.url }
}
