// node examples/opentelemetry.ts: what the library tells node:diagnostics_channel, as OpenTelemetry spans and events.
import { subscribe } from 'node:diagnostics_channel'
import { bearer, type DiagnosticsChannel, type DiagnosticsMessages, memoryStore, session } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { protectedApi, provider } from '@latchkey/testkit'
import { type Attributes, SpanStatusCode, type Tracer } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

/** Subscribes with a message's own type. */
function on<N extends DiagnosticsChannel>(name: N, hear: (message: DiagnosticsMessages[N]) => void): void {
  subscribe(name, (message) => hear(message as DiagnosticsMessages[N]))
}

/** One span for each exchange with an issuer; one, of no length, for each refusal, replay and way out. */
function traceLatchkey(tracer: Tracer): void {
  on('latchkey:token-renewed', ({ issuer, clientId, durationMs }) => {
    const endTime = Date.now()
    const attributes = { 'latchkey.issuer': issuer, 'latchkey.client_id': clientId }
    tracer.startSpan('token renewal', { startTime: endTime - durationMs, attributes }).end(endTime)
  })
  on('latchkey:token-failed', ({ issuer, clientId, code, durationMs }) => {
    const endTime = Date.now()
    const attributes = { 'latchkey.issuer': issuer, 'latchkey.client_id': clientId, 'error.type': code }
    const span = tracer.startSpan('token renewal', { startTime: endTime - durationMs, attributes })
    span.setStatus({ code: SpanStatusCode.ERROR, message: code }).end(endTime)
  })
  const moment = (name: string, attributes: Attributes): void => tracer.startSpan(name, { attributes }).end()
  on('latchkey:token-refused', ({ origin = '', status, reason }) => {
    moment('token refused', {
      'server.address': origin,
      'http.response.status_code': status,
      'latchkey.reason': reason,
    })
  })
  on('latchkey:request-replayed', ({ origin = '', method = '' }) => {
    moment('request replayed', { 'server.address': origin, 'http.request.method': method })
  })
  on('latchkey:left-origins', ({ origin, hop }) => {
    moment('left the allowed origins', { 'server.address': origin, 'latchkey.hop': hop })
  })
}

const exporter = new InMemorySpanExporter()
const spans = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
traceLatchkey(spans.getTracer('latchkey'))

// What stands in for your issuer and your API.
const issuer = await provider()
const api = await protectedApi({ verify: (token) => issuer.verify(token) })
const { refreshToken } = await issuer.issue()
const key = { issuer: issuer.issuer, clientId: 'script' }
const store = memoryStore()
await store.update(key, async () => ({ refreshToken, tokens: {} }))
const login = session({ ...key, store })
const fetch = withAuth(bearer(login, api.origin))

try {
  await fetch(`${api.origin}/jobs`)
  issuer.withdraw((await login.getToken()).accessToken)
  await fetch(`${api.origin}/jobs`)
  for (const { name, attributes, status } of exporter.getFinishedSpans()) {
    console.log(name.padEnd(18), status.code === SpanStatusCode.ERROR ? 'failed' : 'ok', JSON.stringify(attributes))
  }
} finally {
  await Promise.all([issuer.close(), api.close(), spans.shutdown()])
}
