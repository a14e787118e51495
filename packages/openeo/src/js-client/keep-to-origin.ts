/** What axios tells before it follows a redirect; changes are heeded. */
export interface Redirect {
  readonly href?: unknown
  readonly headers?: Record<string, unknown>
}

/**
 * Takes the token off a request that a redirect leads to another origin. What follows redirects for axios does so for
 * other hosts and ports, but lets it go to subdomains and from http to https.
 */
export function keepToOrigin({ origin }: URL): (redirect: Redirect) => void {
  return ({ href, headers = {} }) => {
    if (URL.parse(String(href))?.origin === origin) return
    for (const name of Object.keys(headers)) if (/^authorization$/i.test(name)) delete headers[name]
  }
}
