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

/**
 * Does what a person does at Keycloak's own pages: types the code where one is asked for, signs in, agrees or not.
 * Gives where it ended: a page that asks nothing, or the client's redirect URI.
 *
 * @throws when the pages refuse what was typed
 */
export async function atKeycloak(url: string, options: PersonOptions = {}): Promise<Visited> {
  const visit = visitor()
  let at = await visit(url)
  for (let page = 0; page < mostPages; page++) {
    const next = await answered(visit, at, options)
    if (next === undefined) return at
    at = next
  }
  throw new Error(`Keycloak's pages do not end: ${at.status} at ${at.url}: ${wordsOf(at.html)}`)
}

function answered(visit: Visit, at: Visited, { username = 'marie', deny = false }: PersonOptions) {
  const action = /<form[^>]* action="([^"]*)"/.exec(at.html)?.[1]
  if (action === undefined) return undefined
  const target = new URL(action.replaceAll('&amp;', '&'), at.url).href
  if (at.html.includes('aria-invalid="true"')) throw new Error(`Keycloak refuses ${username}: ${wordsOf(at.html)}`)
  if (at.html.includes('name="password"')) return visit(target, { username, password, credentialId: '' })
  if (!at.html.includes('name="accept"')) return undefined
  const code = /name="code" value="([^"]*)"/.exec(at.html)?.[1] ?? ''
  return visit(target, { code, ...(deny ? { cancel: 'No' } : { accept: 'Yes' }) })
}

/** Approves a device login, or denies it. */
export async function approveAtKeycloak(verificationUriComplete: string, options?: PersonOptions): Promise<void> {
  const { status, html } = await atKeycloak(verificationUriComplete, options)
  const said = wordsOf(html)
  const wanted = options?.deny === true ? 'consent denied' : 'Device Login Successful'
  if (!said.toLowerCase().includes(wanted.toLowerCase()))
    throw new Error(`The device login ended so: ${status} ${said}`)
}
