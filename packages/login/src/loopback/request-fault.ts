import type { IncomingHttpHeaders } from 'node:http'

/** What is looked at before anything in a request is believed. */
export interface RequestFacts {
  readonly method: string
  /** As it stood in the request line. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they came: Node drops a second `Host` from the others. */
  readonly rawHeaders: readonly string[]
}

/** What the redirect URI and the way of answering allow. */
export interface Allowed {
  readonly redirectUri: string
  /** Answers come as `POST` too (OAuth 2.0 Form Post Response Mode). */
  readonly formPost: boolean
  /** Paths of our own pages, for `GET` alone. */
  readonly pages: readonly string[]
}

/** Why a request cannot be the answer of a login, whatever it says. */
export interface RequestFault {
  readonly status: 400 | 403 | 404 | 405 | 415 | 421
  readonly allow?: string
}

/**
 * Looks at a request as a whole, before its parameters: sent to us by name (DNS rebinding), to a path that exists, by
 * a method that belongs there, and by a person's navigation rather than by a script, an image, a frame or a prefetch.
 */
export function requestFault(request: RequestFacts, allowed: Allowed): RequestFault | undefined {
  const { method, target, headers } = request
  const uri = new URL(allowed.redirectUri)
  if (!target.startsWith('/') || target.startsWith('//')) return { status: 400 }
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length !== 1) return { status: 400 }
  if (headers.host?.toLowerCase() !== uri.host) return { status: 421 }
  const path = target.replace(/\?.*$/s, '')
  const isPage = allowed.pages.includes(path)
  if (path !== uri.pathname && !isPage) return { status: 404 }
  const methods = allowed.formPost && !isPage ? ['GET', 'POST'] : ['GET']
  if (!methods.includes(method)) return { status: 405, allow: methods.join(', ') }
  if (!isNavigation(method, headers)) return { status: 403 }
  return method === 'POST' && !isForm(headers) ? { status: 415 } : undefined
}

const warmUps = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz']

/** Fetch Metadata and `Origin`, where the browser sends them. */
function isNavigation(method: string, headers: IncomingHttpHeaders): boolean {
  // A browser sends all three. What sends a mode alone is Node's own fetch, and runs no pages of others.
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = headers
  if (site !== undefined && (mode !== 'navigate' || destination !== 'document')) return false
  if (warmUps.some((name) => /pre(fetch|view|render)/i.test(String(headers[name])))) return false
  // A navigation by GET has no origin; the form of another site has that of the issuer, or `null`.
  return method === 'POST' || headers.origin === undefined
}

const isForm = (headers: IncomingHttpHeaders): boolean =>
  /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers['content-type'] ?? '')
