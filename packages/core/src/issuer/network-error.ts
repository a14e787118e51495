import { AuthError, type AuthErrorCode, isAuthError } from '../errors.ts'
import { cleanedCause, showable } from './redact.ts'

// OpenSSL's names for what is wrong with a certificate or a handshake, as Node, Deno and Bun give them.
const tls =
  /^(CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY|DECODE|DECRYPT)|ERROR_IN_CERT|INVALID_(CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|EPROTO)/
const slow: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])
const broken: ReadonlySet<string> = new Set([
  'UND_ERR_SOCKET',
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
])

/**
 * What a fetch failed with, as an `AuthError`: `TLS`, `TIMEOUT`, `RESPONSE_INVALID` (a body that does not unpack) or
 * `NETWORK`, naming the host and nothing of the request.
 */
export function networkError(error: unknown, url: string, secrets: readonly string[] = []): AuthError {
  if (isAuthError(error)) return error
  const reason = innermost(error)
  const [code, what] = meaning(reason, error)
  const said = reason === '' ? '' : ` (${showable(reason, secrets)})`
  return new AuthError(code, `${hostOf(url)} ${what.replace('%', said)}`, { cause: cleanedCause(error, secrets) })
}

function meaning(reason: string, error: unknown): readonly [AuthErrorCode, string] {
  if (tls.test(reason)) {
    const certificates = 'set NODE_EXTRA_CA_CERTS if the server uses a CA of its own'
    return ['TLS', `could not prove who it is%. Check the address and the clock of this machine; ${certificates}.`]
  }
  if (slow.has(reason) || (error as { name?: unknown } | null)?.name === 'TimeoutError') {
    return ['TIMEOUT', 'took too long to answer%. Try again later.']
  }
  if (reason.startsWith('Z_')) return ['RESPONSE_INVALID', 'sent an answer that does not unpack%. Try again later.']
  if (broken.has(reason)) return ['NETWORK', 'broke off the connection%. Try again.']
  return ['NETWORK', 'could not be reached%. Check the address and the network, then try again.']
}

/** The error code closest to the system: what fetch reports is "fetch failed", twice wrapped. */
function innermost(error: unknown): string {
  let found = ''
  let current = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const { code, cause, errors } = current as { code?: unknown; cause?: unknown; errors?: readonly unknown[] }
    if (typeof code === 'string') found = code
    current = cause ?? errors?.[0]
  }
  return found
}

/** The host of a URL, or the text itself, without a password, where it has none. */
export function hostOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : ''
  return host === '' ? showable(url).replace(/^[^/]*(\/\/)?[^/]*@/, '') : host
}
