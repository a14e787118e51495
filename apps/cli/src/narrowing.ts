import type { TokenRequest } from '@latchkey/core'
import type { Arguments, Flags } from './args.ts'

/** For a part of what a login may do. */
export const narrowFlags: Flags = {
  scope: { value: 'WORDS', help: 'A token for these scopes only, space separated.' },
  audience: { value: 'NAMES', help: 'A token for these APIs only, comma separated.' },
}

/** What `--scope` and `--audience` ask for; `undefined`: the login's own token. */
export function narrowed({ values }: Arguments): TokenRequest | undefined {
  const scope = values.get('scope')
  const audience = values.get('audience')?.split(',')
  if (scope === undefined && audience === undefined) return undefined
  return { ...(scope !== undefined && { scope }), ...(audience !== undefined && { audience }) }
}
