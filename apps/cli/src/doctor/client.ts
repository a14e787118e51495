import { isAuthError, type LoginKey } from '@latchkey/core'
import { issuerTable, type KnownIssuer, knownIssuers } from '@latchkey/login/issuers'
import { registrations } from '../login/registrations.ts'
import { canonicalIssuer } from '../target.ts'
import { type Check, type Finding, fail, ok, type Visit, warn } from './finding.ts'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

const short = (grant: string): string => grant.replace(/^urn:.*:/, '')

/** Judges what can be asked of an issuer. What a client may do there only the issuer knows; it lists what it can itself. */
export function clientFindings({ issuer, metadata }: Visit, clientIds: readonly string[]): readonly Finding[] {
  if (metadata === undefined) return []
  const listed: unknown = metadata['grant_types_supported']
  const grants = Array.isArray(listed) ? listed.map(String) : []
  const { host } = new URL(issuer)
  const found: Finding[] = []
  if (clientIds.length > 0) found.push(ok('client', `${clientIds.join(', ')} at ${host}`))
  else
    found.push(warn('client', `No client id is known for ${host}.`, 'ask who runs it, then: auth login --client-id ID'))
  if (typeof metadata['device_authorization_endpoint'] !== 'string') {
    const mend = 'log in from a machine with a browser: auth login --method browser'
    found.push(warn('grants', `${host} offers no login by device.`, mend))
  }
  if (grants.length > 0) {
    const missing = [deviceGrant, 'refresh_token'].filter((grant) => !grants.includes(grant)).map(short)
    const list = grants.map(short).join(', ')
    if (missing.length === 0) found.push(ok('grants', `${host} lists ${list}`))
    else
      found.push(
        warn(
          'grants',
          `${host} lists ${list}, but not ${missing.join(', ')}.`,
          'it may do them all the same: try auth login',
        ),
      )
  }
  return found
}

/** Where clients are known from, beside the stored logins. */
interface Sources {
  readonly keys: readonly LoginKey[]
  /** The table of names, with the person's own. */
  readonly rows: readonly KnownIssuer[]
  /** The client that was registered from here. */
  readonly registered: (issuer: string) => Promise<string | undefined>
}

/** The clients that are known for an issuer: of stored logins, registered from here, and of the table of names. */
async function clientIdsFor(issuer: string, { keys, rows, registered }: Sources): Promise<readonly string[]> {
  const same = (other: string): boolean => canonicalIssuer(other) === canonicalIssuer(issuer)
  const stored = keys.filter((key) => same(key.issuer)).map(({ clientId }) => clientId)
  const own = await registered(issuer)
  const listed = rows.flatMap((known) =>
    known.clientId !== undefined && known.issuer !== undefined && same(known.issuer) ? [known.clientId] : [],
  )
  return [...new Set([...stored, ...(own === undefined ? [] : [own]), ...listed])]
}

/** What a file holds, or what is wrong with it. */
async function readOr<T>(read: () => T | Promise<T>, otherwise: T, found: Finding[]): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!isAuthError(error)) throw error
    if (found.every(({ text }) => text !== error.message)) {
      found.push(fail('client', error.message, 'see the message, then run auth doctor again'))
    }
    return otherwise
  }
}

export const clientCheck: Check = async ({ context, issuers, keys }) => {
  const { env } = context.io
  const found: Finding[] = []
  const rows = await readOr(() => issuerTable({ env }), knownIssuers, found)
  const kept = registrations({ env })
  const registered = (issuer: string): Promise<string | undefined> =>
    readOr(async () => (await kept.get(issuer))?.clientId, undefined, found)
  for (const visit of issuers) {
    found.push(...clientFindings(visit, await clientIdsFor(visit.issuer, { keys, rows, registered })))
  }
  return found
}
