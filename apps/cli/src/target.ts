import { normalizeIssuer } from '@latchkey/core'
import { defaultScope, type KnownIssuer, knownIssuers } from './issuers.ts'
import { UsageError } from './usage-error.ts'

/** Whom an argument means. */
export interface Target {
  /** As the person typed it, for commands to repeat. */
  readonly typed: string
  /** Without trailing slashes. */
  readonly issuer: string
  /** The client that a name stands for. */
  readonly clientId?: string
  readonly scope: string
  readonly pkce: boolean
  /** The address came without `https://`: a stored one on loopback may have another scheme. */
  readonly schemeless: boolean
}

/**
 * What a command is asked to work with: an address with or without `https://`, or a name of the table.
 *
 * @throws UsageError when it is neither; names the near ones
 */
export function targetOf(typed: string): Target {
  const known = knownIssuers.find(({ name }) => name === typed.toLowerCase())
  if (known !== undefined) return named(typed, known)
  if (!/[.:/]|^localhost$/.test(typed)) throw unknownName(typed)
  return { typed, issuer: address(typed), scope: defaultScope, pkce: false, schemeless: !typed.includes('://') }
}

function named(typed: string, { issuer, clientId, scope, pkce }: KnownIssuer): Target {
  return { typed, issuer: normalizeIssuer(issuer), ...(clientId && { clientId }), scope, pkce, schemeless: false }
}

function unknownName(typed: string): UsageError {
  const words = knownIssuers.map(({ name }) => name)
  return new UsageError(`${typed} is no address of an issuer, and none of the names ${words.join(', ')}.`, {
    typed,
    words,
  })
}

function address(typed: string): string {
  const text = typed.includes('://') ? typed : `https://${typed}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new UsageError(`${typed} is no https address.`)
  if (url.username !== '' || url.password !== '')
    throw new UsageError("An issuer's address holds no user name and no password.")
  if (url.search !== '' || url.hash !== '')
    throw new UsageError(`An issuer's address has no query and no fragment: ${url.host} came with one.`)
  return normalizeIssuer(text)
}

/** An issuer as WHATWG spells it: two spellings of one address compare equal. */
export function canonicalIssuer(issuer: string): string {
  return URL.canParse(issuer) ? normalizeIssuer(new URL(issuer).href) : issuer
}

/** Whether a stored issuer is the one that was asked for. */
export function isSameIssuer(stored: string, { issuer, schemeless }: Target): boolean {
  if (stored === issuer) return true
  const one = canonicalIssuer(stored)
  const other = canonicalIssuer(issuer)
  return one === other || (schemeless && one.replace(/^https?:/, '') === other.replace(/^https?:/, ''))
}
