// node browser.ts [deny] ADDRESS: a browser without a screen. Signs in on the provider's pages as marie, agrees or refuses,
// and follows back to whoever waits on loopback, to the page that says how it ended.
const cookies = new Map<string, string>()
const refuses = process.argv.includes('deny')

async function visited(
  start: string,
  form?: Record<string, string>,
): Promise<{ readonly url: string; readonly html: string }> {
  let url = start
  let body = form === undefined ? null : new URLSearchParams(form)
  for (;;) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const method = body === null ? 'GET' : 'POST'
    const answer = await fetch(url, { method, body, redirect: 'manual', headers: { cookie, accept: 'text/html' } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null) return { url, html: await answer.text() }
    url = new URL(location, url).href
    body = null
  }
}

let at = await visited(process.argv.at(-1) ?? '')
for (let page = 0; page < 3; page++) {
  const [, prompt] = /name="prompt" value="([^"]*)"/.exec(at.html) ?? []
  if (prompt === undefined) break
  at = await visited(at.url, { prompt, ...(prompt === 'login' ? { login: 'marie' } : refuses && { refuse: 'yes' }) })
}
