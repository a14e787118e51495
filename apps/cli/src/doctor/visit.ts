import { AuthError, client, type Fetch, isAuthError } from '@latchkey/core'
import type { Visit } from './finding.ts'

/** A person waits. */
const patienceMs = 10_000

/** By how much the clock of whoever answered is ahead of ours (`Date`); an answer out of a cache says nothing. */
function offsetIn({ headers }: Response, now: number): number | undefined {
  const date = Date.parse(headers.get('date') ?? '')
  // The header counts whole seconds, downwards.
  return Number.isFinite(date) && !headers.has('age') ? date + 500 - now : undefined
}

/** Asks an issuer about itself. Never rejects for the issuer's sake. */
export async function visit(issuer: string, signal: AbortSignal, send: Fetch = fetch): Promise<Visit> {
  let clockOffset: number | undefined
  const started = performance.now()
  const timed: Fetch = async (url, init) => {
    const answer = await send(url, init)
    clockOffset = offsetIn(answer, Date.now())
    return answer
  }
  const took = (): { readonly issuer: string; readonly clockOffset: number | undefined; readonly tookMs: number } => ({
    issuer,
    clockOffset,
    tookMs: Math.round(performance.now() - started),
  })
  const late = new AbortController()
  const message = `${issuer} did not answer within ${patienceMs / 1000} s.`
  const timer = setTimeout(() => late.abort(new AuthError('TIMEOUT', message)), patienceMs)
  try {
    const asking = client({ issuer, clientId: 'doctor', fetch: timed, timeoutMs: patienceMs })
    const metadata = await asking.metadata({ signal: AbortSignal.any([signal, late.signal]) })
    return { ...took(), metadata }
  } catch (error) {
    if (!isAuthError(error) || signal.aborted) throw error
    const { cause } = error
    return { ...took(), failure: { code: isAuthError(cause) ? cause.code : error.code, message: error.message } }
  } finally {
    clearTimeout(timer)
  }
}
