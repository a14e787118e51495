/** Where a redirect leads. */
export interface RedirectedHop {
  readonly method: string
  readonly url: URL
  /** False: the body is not sent again, and its `content-…` headers neither. */
  readonly keepsBody: boolean
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * The hop that follows an answer, as browsers have it (Fetch, "HTTP-redirect fetch"; RFC 9110 section 15.4): 303 makes
 * a GET of all but HEAD, 301 and 302 of POST, the fragment is kept. `undefined`: the answer is no redirect.
 *
 * @throws TypeError when `location` is not an http address
 */
export function afterRedirect(
  hop: { readonly method: string; readonly url: URL },
  status: number,
  location: string | null,
): RedirectedHop | undefined {
  if (!redirects.has(status) || location === null) return undefined
  const url = URL.canParse(location, hop.url.href) ? new URL(location, hop.url) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`${hop.url.origin} redirects to something that is not an http address.`)
  }
  if (url.hash === '') url.hash = hop.url.hash
  const rewritten =
    status === 303 ? hop.method !== 'GET' && hop.method !== 'HEAD' : status < 303 && hop.method === 'POST'
  return { method: rewritten ? 'GET' : hop.method, url, keepsBody: !rewritten }
}
