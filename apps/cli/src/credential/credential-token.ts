import { AuthError } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import type { Context } from '../command.ts'
import { type FreshToken, freshToken, tokenOptions } from '../fresh-token.ts'
import { UsageError } from '../usage-error.ts'

/** A request that takes so long to come is none. */
const patienceMs = 60_000

/** What the program that asks wrote on stdin. */
export async function requestText({ io }: Context, who: string): Promise<string> {
  if (await io.isTerminal(0)) throw new UsageError(`This is for ${who} to call, which asks on stdin.`)
  return (await io.readInput({ line: false, timeoutMs: patienceMs })) ?? ''
}

/**
 * The operation, which the program that asks puts behind everything else, and the line without it.
 *
 * @throws UsageError without one
 */
export function takenOperation(args: Arguments, command: string): readonly [operation: string, rest: Arguments] {
  const operation = args.operands.at(-1)
  if (operation === undefined) {
    throw new UsageError('Which operation: get, store or erase? The program that asks puts it last.', { see: command })
  }
  return [operation, { ...args, operands: args.operands.slice(0, -1) }]
}

/** A token that another program may use as a password. */
export async function passwordToken(args: Arguments, context: Context, command: string): Promise<FreshToken> {
  const found = await freshToken(await tokenOptions(args, context), context, command)
  const { key, token } = found
  if (token.tokenType === 'Bearer') return found
  const text = `The tokens of ${key?.issuer} are bound to a key (${token.tokenType}): no password can be made of them.`
  throw new AuthError('UNSUPPORTED', text)
}
