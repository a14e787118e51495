import type { LoopbackRedirect } from '../browser-login.ts'

/** What is known of an issuer that people ask for by name. Data: a new provider is a row. */
export interface KnownIssuer {
  /** What a person types: small letters, digits and `-`. */
  readonly name: string
  readonly title: string
  /** Without it, each deployment has its own: `address` says how it is made. */
  readonly issuer?: string | undefined
  /** How the address of a deployment is made, capitals standing for its parts. */
  readonly address?: string | undefined
  /** A public client that its documentation gives everybody; without one, `notes` says where an id comes from. */
  readonly clientId?: string | undefined
  /** Published with a program, so no secret: the issuer only wants to see it. */
  readonly clientSecret?: string | undefined
  /** What a login asks for where nothing else is said; space separated. */
  readonly scope: string
  /** How several audiences are asked for, where that is known: `joined` as one parameter, space separated. */
  readonly audience?: 'joined' | 'repeated' | undefined
  /** Whether a login by device sends a proof key (RFC 7636). */
  readonly pkce: boolean
  /** Where the client may be answered on loopback; `false` where it may not; absent where that is the client's own affair. */
  readonly redirect?: LoopbackRedirect | false | undefined
  /** What a person should know, in a sentence or two. */
  readonly notes?: string | undefined
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value.trim() === value && value !== ''
const isWords: Check = (value) =>
  typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(value)
const isName: Check = (value) => typeof value === 'string' && /^[a-z0-9][a-z0-9-]*$/.test(value)

const isIssuer: Check = (value) => {
  if (typeof value !== 'string' || !URL.canParse(value) || /[?#]/.test(value)) return false
  const { protocol, hostname, username, password } = new URL(value)
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
  return (protocol === 'https:' || (protocol === 'http:' && loopback)) && username === '' && password === ''
}

const isPort: Check = (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536

const isRedirect: Check = (value) => {
  if (value === false) return true
  if (typeof value !== 'object' || value === null) return false
  const { host = '127.0.0.1', ports = [], path = '/', ...others } = value as Readonly<Record<string, unknown>>
  return (
    ['127.0.0.1', '[::1]', 'localhost'].includes(String(host)) &&
    Array.isArray(ports) &&
    ports.every(isPort) &&
    /^(\/[\w./~-]*)?$/.test(String(path)) &&
    Object.keys(others).length === 0
  )
}

/** Each member, what it must be, and that in words. */
const members: Readonly<Record<keyof KnownIssuer, readonly [Check, string]>> = {
  name: [isName, 'small letters, digits and -'],
  title: [isText, 'a text'],
  issuer: [isIssuer, 'an https address without query or password'],
  address: [isText, 'a text'],
  clientId: [isText, 'a text'],
  clientSecret: [isText, 'a text'],
  scope: [isWords, 'words with single blanks between them'],
  audience: [(value) => value === 'joined' || value === 'repeated', '"joined" or "repeated"'],
  pkce: [(value) => typeof value === 'boolean', 'true or false'],
  redirect: [isRedirect, 'false, or an object with host, ports and path'],
  notes: [isText, 'a text'],
}

/** What is wrong with a row; `undefined` where nothing is. */
export function issuerFault(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'is no object'
  const given = row as Readonly<Record<string, unknown>>
  for (const required of ['name', 'title', 'scope', 'pkce']) {
    if (given[required] === undefined) return `lacks ${required}`
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(members, name)) return `has a member ${JSON.stringify(name)} that nothing is known of`
    const [check, words] = members[name as keyof KnownIssuer]
    if (value !== undefined && !check(value)) return `needs ${name} to be ${words}`
  }
  return given['issuer'] === undefined && given['address'] === undefined ? 'lacks issuer, or address' : undefined
}
