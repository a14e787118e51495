import type { Arguments } from './args.ts'
import type { Wanted } from './stored-login.ts'
import { targetOf } from './target.ts'

/** The login that a command line names. */
export function wantedLogin({ operands, values }: Arguments): Wanted {
  const [typed] = operands
  return {
    target: typed === undefined ? undefined : targetOf(typed),
    clientId: values.get('client-id'),
    account: values.get('account'),
  }
}
