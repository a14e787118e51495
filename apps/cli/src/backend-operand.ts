import type { Arguments } from './args.ts'
import { UsageError } from './usage-error.ts'

/**
 * The back-end that a command is about, as it was typed.
 *
 * @throws UsageError without one, and for what is no https address: the openEO tool would store it all the same
 */
export function backendOperand({ operands }: Arguments, command: string): string {
  const [typed] = operands
  if (typed === undefined) throw new UsageError('Which back-end? Give its address.', { see: command })
  const text = typed.includes('://') ? typed : `https://${typed}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new UsageError(`${typed} is no https address.`)
  if (url.username !== '' || url.password !== '')
    throw new UsageError("A back-end's address holds no user name and no password.")
  return typed
}
