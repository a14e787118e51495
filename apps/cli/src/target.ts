import { normalizeIssuer } from '@latchkey/core'
import { defaultScope, type KnownIssuer } from '@latchkey/login/issuers'
import { addressMissing, issuerNamed, unknownName } from './issuers.ts'
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
  /** The row of the table that it was typed by. */
  readonly row?: KnownIssuer
}

/**
 * What a command is asked to work with: an address with or without `https://`, or a name of the table.
 *
 * @param at the address of one server, for a name that stands for many
 * @throws UsageError when it is neither; names the near ones. `CONFIG_INVALID` for a person's own table that is wrong
 */
export function targetOf(typed: string, env: Readonly<Record<string, string | undefined>>, at?: string): Target {
  const row = issuerNamed(typed, env)
  if (row !== undefined) return named(typed, row, at)
  if (at !== undefined) throw new UsageError(`An address follows the name of a kind of server, and ${typed} is none.`)
  if (!/[.:/]|^localhost$/.test(typed)) throw unknownName(typed, env)
  return { typed, issuer: address(typed), scope: defaultScope, pkce: false, schemeless: !typed.includes('://') }
}

function named(typed: string, row: KnownIssuer, at: string | undefined): Target {
  const { clientId, scope, pkce } = row
  if (at !== undefined && row.issuer !== undefined) {
    throw new UsageError(`${row.name} stands for ${row.issuer}: no other address goes with it.`)
  }
  if (row.issuer === undefined && at === undefined) throw addressMissing(row)
  const own = { ...(clientId !== undefined && { clientId }), scope, pkce, row }
  if (at === undefined) return { typed, issuer: normalizeIssuer(row.issuer ?? ''), schemeless: false, ...own }
  return { typed: at, issuer: address(at), schemeless: !at.includes('://'), ...own }
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
