import type { LoginKey } from '@latchkey/core'
import { clearRefreshTokens, refreshTokensFile } from '@latchkey/file-store'
import type { Arguments } from '../args.ts'
import type { Command, Context } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { described } from '../login-words.ts'
import { isConfirmed } from '../prompt.ts'
import { allLogins } from '../stored-login.ts'
import { isSameIssuer } from '../target.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'
import { wantedAt } from '../wanted.ts'

async function isWanted(what: string, { switches }: Arguments, { io }: Context): Promise<boolean> {
  if (switches.get('force')) return true
  const answer = await isConfirmed(`Remove ${what}?`, io)
  if (answer !== undefined) return answer
  throw new UsageError(`Nobody answered whether to remove ${what}: run it in a terminal, or with --force.`)
}

/** All logins of this machine, in the words of the openEO tool. */
async function clearAll(args: Arguments, context: Context): Promise<void> {
  const { env, out } = context.io
  const { path, mode } = refreshTokensFile({ env })
  // Without the file there is nothing to ask about; --force also takes what we keep beside it.
  if (mode === undefined && !args.switches.get('force')) return out(`No refresh token file at ${path}.\n`)
  if (!(await isWanted(`refresh token file ${path}`, args, context))) return out('Keeping refresh token file.\n')
  const existed = await clearRefreshTokens({ env })
  out(existed ? `Removed refresh token file ${path}.\n` : `No refresh token file at ${path}.\n`)
}

/** The logins of one issuer, or of one of its clients. */
async function clearSome(args: Arguments, context: Context): Promise<void> {
  const { out } = context.io
  const { target, account } = await wantedAt(args, context)
  const clientId = args.operands[1]
  const meant = ({ issuer, ...key }: LoginKey): boolean =>
    target !== undefined &&
    isSameIssuer(issuer, target) &&
    (clientId === undefined || key.clientId === clientId) &&
    (account === undefined || key.account === account)
  const keys = (await allLogins(context.store())).filter(meant)
  const what = terminalText(`the login of ${keys.map(described).join(', and that of ')}`)
  if (keys.length === 0) return out('There is no such login.\n')
  if (!(await isWanted(what, args, context))) return out(`Keeping ${what}.\n`)
  for (const key of keys) await context.store().update(key, async () => undefined)
  out(`Removed ${what}.\n`)
}

export const tokenClear: Command = {
  usage: '[ISSUER|NAME|BACKEND [CLIENT]]',
  operands: ['ISSUER', 'CLIENT'],
  prefixes: true,
  flags: {
    force: { short: 'f', help: 'Remove without asking confirmation.' },
    account: { value: 'NAME', help: 'With ISSUER: only this account.' },
  },
  about: `Removes refresh-tokens.json and everything kept for its logins; with ISSUER, the logins there, or those of CLIENT.
No issuer is told: auth logout revokes a login. Asks first; where there is no terminal and no answer on stdin, --force is
needed.`,
  examples: '  auth token-clear egi',
  run: async (args, context) => {
    if (args.operands.length > 0) await clearSome(args, context)
    else if (args.values.has('account')) throw new UsageError('--account needs an ISSUER.', { see: 'auth token-clear' })
    else await clearAll(args, context)
    return exitCode.done
  },
}
