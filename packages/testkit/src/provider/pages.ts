const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text made safe for HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:22rem;margin:4rem auto;padding:0 1rem;color:#222}
h1{font-size:1.4rem}input[type=text],input[type=password],button{font:inherit;width:100%;padding:.5rem;box-sizing:border-box;margin:.25rem 0}
code{font-size:1.6rem;letter-spacing:.1em}button{cursor:pointer}`

/** A page that loads nothing from anywhere. `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`
}

/** The page a person signs in on: any name is an account, any password is right. */
export function loginPage(action: string): string {
  return page(
    'Sign in',
    `<form method="post" action="${escapeHtml(action)}"><input type="hidden" name="prompt" value="login">
<label>Name <input type="text" name="login" required autofocus></label>
<label>Password (any) <input type="password" name="password"></label><button>Sign in</button></form>`,
  )
}

/** The page on which a person agrees to what the client asks for. */
export function consentPage(action: string, client: string, scopes: readonly string[]): string {
  const asked = scopes.map((scope) => `<li>${escapeHtml(scope)}</li>`).join('')
  return page(
    'Authorize',
    `<p><strong>${escapeHtml(client)}</strong> asks for:</p><ul>${asked}</ul>
<form method="post" action="${escapeHtml(action)}"><input type="hidden" name="prompt" value="consent"><button>Allow</button>
<button name="refuse" value="yes">Refuse</button></form>`,
  )
}
