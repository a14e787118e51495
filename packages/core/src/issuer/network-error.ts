import { AuthError, type AuthErrorCode, isAuthError } from '../errors.ts'
import { showable } from './redact.ts'

const certificate = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|EPROTO)/
const slow = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

const hints: Readonly<Partial<Record<AuthErrorCode, string>>> = {
  TLS: ' Check the clock of this machine, and set NODE_EXTRA_CA_CERTS if the server uses a CA of its own.',
  NETWORK: ' Check the address and the network, then try again.',
  TIMEOUT: ' Try again later.',
}

/** What a fetch failed with, as an `AuthError`: `TLS`, `TIMEOUT` or `NETWORK`, naming the host and nothing of the request. */
export function networkError(error: unknown, url: string): AuthError {
  if (isAuthError(error)) return error
  const reason = innermost(error)
  const code: AuthErrorCode = certificate.test(reason) ? 'TLS' : slow.has(reason) ? 'TIMEOUT' : 'NETWORK'
  const said = reason === '' ? '' : ` (${showable(reason)})`
  return new AuthError(code, `${hostOf(url)} could not be reached${said}.${hints[code] ?? ''}`)
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

/** The host of a URL, or the text itself where it is none. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : showable(url)
}
