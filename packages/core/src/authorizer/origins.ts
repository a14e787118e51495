import { AuthError } from '../errors.ts'

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

// What a person types for an origin when the scheme is forgotten; a token pasted here by mistake never looks like it.
const bareHost = /^(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?::\d{1,5})?$/

const refuse = (problem: string, cure: string): never => {
  throw new AuthError('CONFIG_INVALID', `An origin for credentials ${problem}. ${cure}`)
}

/** What makes a URL more than an origin. */
function surplus(url: URL): string | undefined {
  if (url.username !== '' || url.password !== '') return 'has a user name or password in it'
  if (url.pathname !== '/') return 'has a path'
  if (url.search !== '') return 'has a query'
  return url.hash === '' ? undefined : 'has a fragment'
}

function parseOrigin(text: unknown): string {
  const example = 'Write it as https://api.example.org'
  if (typeof text !== 'string') return refuse('is not a text', `${example}.`)
  // Nothing of the text is repeated here: it may be a token that stands in the wrong place.
  if (text.includes('*')) return refuse('has a wildcard', `${example}, one for each API.`)
  if (text === 'null') return refuse('is "null", which every sandboxed page has', `${example}.`)
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    const cure = bareHost.test(text) ? `Use 'https://${text}'.` : `${example}.`
    return refuse('is not an https address', cure)
  }
  const url = new URL(text)
  const isSafe = url.protocol === 'https:' || loopback.test(url.hostname)
  const origin = isSafe ? url.origin : `https://${url.host}`
  const problem = surplus(url)
  if (problem !== undefined) return refuse(problem, `Use '${origin}'.`)
  return isSafe ? origin : refuse('is http, which anyone on the way can read', `Use '${origin}'.`)
}

/**
 * The origins that credentials may be sent to, as browsers write them.
 *
 * @throws `CONFIG_INVALID` for anything but https origins (http on loopback excepted), with the origin to paste
 */
export function parseOrigins(origins: string | readonly string[]): readonly string[] {
  const list: readonly unknown[] = Array.isArray(origins) ? origins : origins === undefined ? [] : [origins]
  if (list.length === 0) return refuse('is missing', 'Name where the credentials may go: https://api.example.org.')
  return Object.freeze([...new Set(list.map(parseOrigin))])
}

/**
 * A test whether a URL belongs to one of these origins, for the path of every request: `href` is already normalised,
 * so comparing up to the slash compares scheme, host and port, and a URL with a user name in it fits none.
 */
export function originTest(origins: readonly string[]): (url: URL) => boolean {
  const prefixes = origins.map((origin) => `${origin}/`)
  const [only] = prefixes
  if (prefixes.length === 1 && only !== undefined) return (url) => url.href.startsWith(only)
  return (url) => prefixes.some((prefix) => url.href.startsWith(prefix))
}
