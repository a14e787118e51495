import type { LoginKey } from '@latchkey/core'
import { knownIssuers } from '@latchkey/login/issuers'
import { canonicalIssuer } from '../target.ts'
import { type Check, type Finding, ok, type Visit, warn } from './finding.ts'

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

/** The clients that are known for an issuer: of stored logins, and of the table of names. */
function clientIdsFor(issuer: string, keys: readonly LoginKey[]): readonly string[] {
  const same = (other: string): boolean => canonicalIssuer(other) === canonicalIssuer(issuer)
  const stored = keys.filter((key) => same(key.issuer)).map(({ clientId }) => clientId)
  const listed = knownIssuers.flatMap((known) =>
    known.clientId !== undefined && known.issuer !== undefined && same(known.issuer) ? [known.clientId] : [],
  )
  return [...new Set([...stored, ...listed])]
}

export const clientCheck: Check = async ({ issuers, keys }) =>
  issuers.flatMap((visit) => clientFindings(visit, clientIdsFor(visit.issuer, keys)))
