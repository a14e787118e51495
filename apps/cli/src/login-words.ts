import type { LoginKey } from '@latchkey/core'
import { quoted } from './quoted.ts'

/** A login in words. */
export function described({ issuer, clientId, account }: LoginKey): string {
  return `client ${clientId}${account === undefined ? '' : `, account ${account},`} at ${issuer}`
}

/** The options that single a login out. */
export function loginOptions({ clientId, account }: Omit<LoginKey, 'issuer'>): string {
  return `--client-id ${quoted(clientId)}${account === undefined ? '' : ` --account ${quoted(account)}`}`
}
