import { AuthError } from '@latchkey/core'
import { isAllowedUrl, showable } from '@latchkey/core/http'

/** Far above every real one: what looks at each character of a long one may take its time. */
const longestAddress = 2_000

/**
 * The address in a text, if it may be talked to: https, or http on loopback, without a password. Blanks and control
 * characters, which `URL` would drop, make it none, and so does more than 2,000 characters.
 */
export function allowedUrl(text: string, base?: string): URL | undefined {
  if (text.length > longestAddress || !/^[^\s\p{C}]+$/u.test(text)) return undefined
  const url = URL.parse(text, base)
  return url !== null && isAllowedUrl(url.href, 'loopback') ? url : undefined
}

/** Whether one address may send on to another: never from https to plain http, not even on this machine. */
export function mayLead(from: URL, to: URL): boolean {
  return to.protocol === 'https:' || from.protocol === 'http:'
}

/** Slashes off the end, as the openEO client does. */
export const trimmed = (url: string): string => url.replace(/(?<!\/)\/+$/, '')

/**
 * The address of a back-end as a person gives it: `https://` where no scheme is, no slash at the end. It is the key of
 * the back-end in `auth-config.json`.
 *
 * @throws `CONFIG_INVALID`
 */
export function backendUrl(given: string): string {
  const text = trimmed(given.trim())
  const url = text.includes('://') ? text : `https://${text}`
  if (allowedUrl(url) !== undefined && !/[?#]/.test(url)) return url
  const rule = 'an https address (http on loopback only) without password, query and fragment'
  throw new AuthError('CONFIG_INVALID', `An openEO back-end has ${rule}: "${withoutUser(text)}" has not.`)
}

/** What stands before an `@` may be a password. */
const withoutUser = (text: string): string => showable(text.replace(/^(\w+:\/\/)?[^/]*@/, '$1'))
