import { visitor, wordsOf } from '../visitor.ts'
import { type ApproveOptions, field } from './approve.ts'

/** Where the provider sends the browser in the end; nobody has gone there yet. */
export interface SentBack {
  /** With its query. */
  readonly url: string
  /** What the browser would post there, with `response_mode=form_post`. */
  readonly form?: Readonly<Record<string, string>>
}

/** Does what a person does at an authorization address, through the provider's own pages: sign in, and agree or refuse. */
export async function signIn(address: string, options: ApproveOptions = {}): Promise<SentBack> {
  const visit = visitor()
  const home = new URL(address).origin
  let at = await visit(address)
  for (let step = 0; step < 3 && at.html.includes('name="prompt"'); step++) {
    const prompt = field(at.html, 'prompt')
    const consent = options.deny === true ? { prompt, refuse: 'yes' } : { prompt }
    at = await visit(at.url, prompt === 'login' ? { prompt, login: options.login ?? 'marie' } : consent)
  }
  if (new URL(at.url).origin !== home) return { url: at.url }
  const [, action = ''] = /<form method="post" action="([^"]*)">/.exec(at.html) ?? []
  if (!at.html.includes('Submitting Callback')) {
    throw new Error(`The login did not come back: ${at.status} at ${at.url}: ${wordsOf(at.html)}`)
  }
  const inputs = [...at.html.matchAll(/name="([^"]*)" value="([^"]*)"/g)]
  return { url: action, form: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value])) }
}
