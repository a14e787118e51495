/** How a device login is answered. */
export interface ApproveOptions {
  /** The account; any name exists. Default `marie`. */
  readonly login?: string | undefined
  /** Refuse instead: the device gets `access_denied`. */
  readonly deny?: boolean | undefined
}

interface Visited {
  readonly url: string
  readonly status: number
  readonly html: string
}

/** A browser without a screen: keeps cookies, follows redirects. */
function visitor(): (url: string, form?: Readonly<Record<string, string>>) => Promise<Visited> {
  const jar = new Map<string, string>()
  return async (start, form) => {
    let url = start
    let body = form === undefined ? null : new URLSearchParams(form)
    for (let hop = 0; hop < 10; hop++) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const method = body === null ? 'GET' : 'POST'
      const response = await fetch(url, { method, body, redirect: 'manual', headers: { cookie, accept: 'text/html' } })
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (name !== undefined) jar.set(name, value ?? '')
      }
      const location = response.headers.get('location')
      const html = await response.text()
      if (location === null) return { url, status: response.status, html }
      url = new URL(location, url).href
      body = null
    }
    throw new Error(`The provider redirects for ever: ${url}`)
  }
}

const field = (html: string, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? ''

/**
 * Does what a person does with a device code, through the provider's own pages: enter the code, confirm it, sign in,
 * agree. The code is normalised by the provider.
 */
export async function approveDevice(devicePage: string, userCode: string, options: ApproveOptions = {}): Promise<void> {
  const visit = visitor()
  const entry = await visit(devicePage)
  const code = { xsrf: field(entry.html, 'xsrf'), user_code: userCode }
  const shown = await visit(devicePage, code)
  if (!shown.html.includes('name="confirm"')) throw new Error(`The provider does not know the code ${userCode}.`)
  const answer = { ...code, xsrf: field(shown.html, 'xsrf') || code.xsrf }
  if (options.deny === true) {
    await visit(devicePage, { ...answer, confirm: 'yes', abort: 'yes' })
    return
  }
  let at = await visit(devicePage, { ...answer, confirm: 'yes' })
  for (let step = 0; step < 3 && at.html.includes('name="prompt"'); step++) {
    const prompt = field(at.html, 'prompt')
    at = await visit(at.url, prompt === 'login' ? { prompt, login: options.login ?? 'marie' } : { prompt })
  }
  if (at.status !== 200 || !at.html.includes('Signed in')) {
    const said = at.html.replaceAll(/<style>.*<\/style>|<[^>]*>/gs, ' ').replaceAll(/\s+/g, ' ')
    throw new Error(`The device login was not approved: ${at.status} at ${at.url}:${said}`)
  }
}
