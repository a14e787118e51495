import { clearRefreshTokens, refreshTokensFile } from '@latchkey/file-store'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { answerTo } from '../prompt.ts'
import { UsageError } from '../usage-error.ts'

export const tokenClear: Command = {
  usage: '',
  operands: [],
  flags: { force: { short: 'f', help: 'Remove without asking confirmation.' } },
  about: `Removes refresh-tokens.json and everything kept for its logins. No issuer is told: auth logout revokes a login.
Asks first; where there is no terminal and no answer on stdin, --force is needed.`,
  run: async ({ switches }, { io }) => {
    const { path, mode } = refreshTokensFile({ env: io.env })
    const force = switches.get('force') === true
    if (!force && mode === undefined) io.out(`No refresh token file at ${path}.\n`)
    else if (!force && !(await isWanted(path, io))) io.out('Keeping refresh token file.\n')
    else {
      const existed = await clearRefreshTokens({ env: io.env })
      io.out(existed ? `Removed refresh token file ${path}.\n` : `No refresh token file at ${path}.\n`)
    }
    return exitCode.done
  },
}

async function isWanted(path: string, io: Io): Promise<boolean> {
  const answer = await answerTo(`Remove refresh token file ${path}? 'y' or 'n': `, io)
  if (answer !== undefined) return answer.toLowerCase().startsWith('y')
  throw new UsageError(`Nobody answered whether to remove ${path}: run it in a terminal, or with --force.`)
}
