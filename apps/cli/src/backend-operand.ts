import { isAllowedUrl } from '@latchkey/core/http'
import type { Arguments } from './args.ts'
import { UsageError } from './usage-error.ts'

/**
 * The back-end that a command is about, as it was typed.
 *
 * @throws UsageError without one, and for what no back-end can have: the openEO tool would store it all the same
 */
export function backendOperand(args: Arguments, command: string): string {
  const typed = storedOperand(args, command)
  const text = typed.includes('://') ? typed : `https://${typed}`
  if (!isAllowedUrl(text, 'loopback')) {
    throw new UsageError(`${typed} is not https, and not on this machine: a password or a token is not sent there.`)
  }
  if (/[?#]/.test(text)) throw new UsageError("A back-end's address has no query and no fragment.")
  return typed
}

/**
 * The same where a command only looks it up: the openEO tool may have stored it.
 *
 * @throws UsageError without one, and for what is no address
 */
export function storedOperand({ operands }: Arguments, command: string): string {
  const [typed] = operands
  if (typed === undefined) throw new UsageError('Which back-end? Give its address.', { see: command })
  const text = typed.includes('://') ? typed : `https://${typed}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new UsageError(`${typed} is no https address.`)
  if (url.username !== '' || url.password !== '')
    throw new UsageError("A back-end's address holds no user name and no password.")
  return typed
}
