import { visitor, wordsOf } from '../visitor.ts'

/** How a device login is answered. */
export interface ApproveOptions {
  /** The account; any name exists. Default `marie`. */
  readonly login?: string | undefined
  /** Refuse instead: the client gets `access_denied`. */
  readonly deny?: boolean | undefined
}

/** The value of a field in a page's form. */
export function field(html: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? ''
}

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
    throw new Error(`The device login was not approved: ${at.status} at ${at.url}: ${wordsOf(at.html)}`)
  }
}
