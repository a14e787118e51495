// What a client sends and may see again: everything else in a form is taken for a secret, also what nobody has named yet.
const harmless: ReadonlySet<string> = new Set([
  'grant_type',
  'client_id',
  'scope',
  'audience',
  'resource',
  'client_assertion_type',
  'token_type_hint',
  'code_challenge_method',
  'redirect_uri',
  'requested_token_type',
  'subject_token_type',
  'actor_token_type',
  'acr_values',
  'max_age',
  'response_type',
  'response_mode',
  'prompt',
])

/** Shorter ones are words. */
const shortestSecret = 4

/** Of a longer secret this much is looked for, and what follows goes with it. */
const longestPattern = 2048

/** Of a text a server says, this much is told. */
const longestText = 300

/** More than this of a text is not even looked at. */
const longestLook = 16_384

// Control, format (bidirectional and zero-width), private and unpaired characters, line separators: a terminal acts on them.
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu

// A JWT of any kind, also one the server made up from what we sent.
const jwt = /eyJ[\w-]{6,}(?:\.[\w-]*)*/g

/** The secrets of one request: what must be cut out of whatever comes back. The longest first, one may hold another. */
export function secretsOf(body: unknown, authorization: string | null): readonly string[] {
  const found = authorization === null ? [] : [authorization, ...credentials(authorization)]
  if (body instanceof URLSearchParams)
    found.push(...[...body].flatMap(([name, value]) => (harmless.has(name) ? [] : value)))
  return found.filter((secret) => secret.length >= shortestSecret).toSorted((a, b) => b.length - a.length)
}

/** What follows the scheme; of HTTP Basic also the password, as it was sent and as it is. */
function credentials(authorization: string): readonly string[] {
  const sent = authorization.replace(/^\S+ /, '')
  if (!/^basic /i.test(authorization)) return [sent]
  // UTF-8, as RFC 7617 has it.
  const text = new TextDecoder().decode(Uint8Array.from(atob(sent), (one) => one.charCodeAt(0)))
  const password = text.replace(/^[^:]*:/, '')
  return [sent, password, new URLSearchParams(`x=${password}`).get('x') ?? '']
}

/**
 * Server text that may be shown: without the secrets we sent, without JWTs, control characters escaped, cut at
 * `longest` characters, by default 300.
 */
export function showable(text: string, secrets: readonly string[] = [], longest: number = longestText): string {
  const cut = secrets.reduce((rest, secret) => rest.replace(patternOf(secret), '<redacted>'), headOf(text))
  const shown = cut.replace(jwt, '<redacted>').replace(unprintable, escaped)
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown
}

// Cut between words: half a secret would not be recognised.
const headOf = (text: string): string =>
  text.length > longestLook ? `${text.slice(0, Math.max(0, text.lastIndexOf(' ', longestLook)))}…` : text

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')

function escaped(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return point > 0xff_ff ? `\\u{${hex(point, 5)}}` : `\\u${hex(point, 4)}`
}

/** A secret however its characters are written: plain, percent-encoded, escaped for JSON or HTML, or a mixture. */
function patternOf(secret: string): RegExp {
  const source = secret.slice(0, longestPattern).replace(/[^A-Za-z0-9]/gu, writings)
  return new RegExp(secret.length > longestPattern ? `${source}[^\\s"'<>]*` : source, 'gi')
}

const htmlNames: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** One character in every writing, the encoded ones also encoded again. */
function writings(character: string): string {
  const percent = (text: string): string =>
    [...new TextEncoder().encode(text)].map((byte) => `%(?:25)*${hex(byte, 2)}`).join('')
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  const point = character.codePointAt(0) ?? 0
  const plain = `\\\\*${character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')}`
  const all = [
    percent(character),
    units.map((unit) => `\\\\+u${hex(unit, 4)}`).join(''),
    `&#(?:${point}|x${hex(point, 2)});`,
    htmlNames[character],
    // A form writes blanks so.
    ...(character === ' ' ? ['\\+', percent('+')] : []),
    plain,
  ]
  return `(?:${all.filter((one) => one !== undefined).join('|')})`
}

/** Levels of causes kept of a foreign error. */
const deepest = 4

/**
 * A foreign error as the cause of one of ours: names, codes and texts, without the secrets of the request, and none of
 * its other members, which hold whole requests and answers.
 */
export function cleanedCause(
  error: unknown,
  secrets: readonly string[] = [],
  depth: number = deepest,
): Error | undefined {
  if (typeof error !== 'object' || error === null || depth === 0) return undefined
  const { name, message, code, cause } = error as Readonly<Record<'name' | 'message' | 'code' | 'cause', unknown>>
  const inner = cleanedCause(cause, secrets, depth - 1)
  const kept = new Error(showable(String(message), secrets), inner && { cause: inner })
  // Its stack would tell of this function.
  kept.stack = `${String(name)}: ${kept.message}`
  return Object.assign(kept, typeof code === 'string' && { code: showable(code, secrets) })
}
