import type { SentBack } from '../provider/sign-in.ts'
import { type Visit, type Visited, visitor, wordsOf } from '../visitor.ts'
import { password } from './realm.ts'

/** Who sits at Keycloak's pages, and what they say. */
export interface PersonOptions {
  /** Default `marie`. */
  readonly username?: string | undefined
  /** Says no where the pages ask whether the client may have this. Default false. */
  readonly deny?: boolean | undefined
}

/** Pages between the first and the last one: a code, a name and password, a question, a word of thanks. */
const mostPages = 6

/** From page to page, until one asks nothing or the client's redirect URI is reached. */
async function walked(url: string, options: PersonOptions): Promise<Visited> {
  const visit = visitor()
  let at = await visit(url)
  for (let page = 0; page < mostPages; page++) {
    const next = await answered(visit, at, options)
    if (next === undefined) return at
    at = next
  }
  throw new Error(`Keycloak's pages do not end: ${at.status} at ${at.url}: ${wordsOf(at.html)}`)
}

async function answered(visit: Visit, at: Visited, options: PersonOptions): Promise<Visited | undefined> {
  const { username = 'marie', deny = false } = options
  const target = actionOf(at)
  if (target === undefined) return undefined
  if (at.html.includes('aria-invalid="true"')) throw new Error(`Keycloak refuses ${username}: ${wordsOf(at.html)}`)
  if (at.html.includes('name="password"')) return visit(target, { username, password, credentialId: '' })
  if (!at.html.includes('name="accept"')) return undefined
  const code = /name="code" value="([^"]*)"/.exec(at.html)?.[1] ?? ''
  return visit(target, { code, ...(deny ? { cancel: 'No' } : { accept: 'Yes' }) })
}

/** Where the form of a page goes, if it has one. */
function actionOf({ html, url }: Visited): string | undefined {
  const action = /<form[^>]* action="([^"]*)"/i.exec(html)?.[1]
  return action === undefined ? undefined : new URL(action.replaceAll('&amp;', '&'), url).href
}

/**
 * Does what a person does at an authorization address, through Keycloak's own pages: sign in, and agree or not. Gives
 * what the browser would bring back to the client.
 *
 * @throws when the pages refuse what was typed, or end without sending the person back
 */
export async function signInAtKeycloak(address: string, options: PersonOptions = {}): Promise<SentBack> {
  const at = await walked(address, options)
  const home = new URL(address).origin
  if (new URL(at.url).origin !== home) return { url: at.url }
  const url = actionOf(at)
  if (url === undefined || new URL(url).origin === home) {
    throw new Error(`The login did not come back: ${at.status} at ${at.url}: ${wordsOf(at.html)}`)
  }
  const inputs = [...at.html.matchAll(/name="([^"]*)" value="([^"]*)"/gi)]
  return { url, form: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value])) }
}

/** Approves a device login, or denies it, at the address that holds its code. */
export async function approveAtKeycloak(verificationUriComplete: string, options: PersonOptions = {}): Promise<void> {
  const { status, html } = await walked(verificationUriComplete, options)
  const said = wordsOf(html)
  const wanted = options.deny === true ? /consent denied/i : /device login successful/i
  if (!wanted.test(said)) throw new Error(`The device login ended so: ${status} ${said}`)
}
