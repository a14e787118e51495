/** Where a visitor arrived. */
export interface Visited {
  readonly url: string
  readonly status: number
  readonly html: string
}

/** One step: an address, or a form sent to it. */
export type Visit = (url: string, form?: Readonly<Record<string, string>>) => Promise<Visited>

/**
 * A browser without a screen: keeps cookies and follows redirects on one origin. A redirect that leaves it is where the
 * visit ends: that is the answer to a client, not a page.
 */
export function visitor(): Visit {
  const jar = new Map<string, string>()
  return async (start, form) => {
    let url = start
    let body = form === undefined ? null : new URLSearchParams(form)
    for (let hop = 0; hop < 10; hop++) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const method = body === null ? 'GET' : 'POST'
      const response = await fetch(url, { method, body, redirect: 'manual', headers: { cookie, accept: 'text/html' } })
      keep(jar, response.headers.getSetCookie())
      const location = response.headers.get('location')
      const html = await response.text()
      if (location === null) return { url, status: response.status, html }
      const target = new URL(location, url)
      if (target.origin !== new URL(url).origin) return { url: target.href, status: response.status, html }
      url = target.href
      body = null
    }
    throw new Error(`The provider redirects for ever: ${url}`)
  }
}

function keep(jar: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name, value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (name === undefined) continue
    if (value === '' || /max-age=0/i.test(line)) jar.delete(name)
    else jar.set(name, value)
  }
}

/** What a page says, as a person reads it, on one line. */
export function wordsOf(html: string): string {
  return html
    .replaceAll(/<(style|script|head)\b.*?<\/\1>|<[^>]*>/gs, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
