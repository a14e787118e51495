import { isAuthError } from '@latchkey/core'
import { issuerTable, knownIssuers } from '@latchkey/login/issuers'
import type { Command, Context } from '../command.ts'
import { bashScript } from '../completion/bash.ts'
import { type DescribedCommand, describedCommands } from '../completion/described-commands.ts'
import { fishScript } from '../completion/fish.ts'
import { zshScript } from '../completion/zsh.ts'
import { exitCode } from '../exit-code.ts'
import { allLogins } from '../stored-login.ts'
import { UsageError } from '../usage-error.ts'

const scripts: Readonly<Record<string, (commands: readonly DescribedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** What may stand for an issuer. A word that a shell would act on is not offered to one. */
async function names(context: Context): Promise<readonly string[]> {
  const known = knownIssuers.map(({ name }) => name)
  try {
    const table = issuerTable({ env: context.io.env }).map(({ name }) => name)
    const stored = (await allLogins(context.store())).map(({ issuer }) => issuer)
    return [...new Set([...table, ...stored])].filter((word) => /^[\w.:/~@%+-]+$/.test(word))
  } catch (error) {
    // Nobody asked for the files; `auth doctor` says what is wrong with them.
    if (isAuthError(error)) return known
    throw error
  }
}

export const completion: Command = {
  usage: 'bash|zsh|fish',
  operands: ['SHELL'],
  flags: {},
  about:
    'Prints a script that completes commands, options and issuers. It asks auth itself for the issuers that are stored.',
  examples: `  echo 'source <(auth completion bash)' >> ~/.bashrc
  echo 'source <(auth completion zsh)' >> ~/.zshrc
  auth completion fish > ~/.config/fish/completions/auth.fish`,
  run: async ({ operands: [shell = ''] }, context) => {
    if (shell === 'names') {
      context.io.out(`${(await names(context)).join('\n')}\n`)
      return exitCode.done
    }
    const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
    if (script === undefined) {
      const words = Object.keys(scripts)
      throw new UsageError(`Which shell: ${words.join(', ')}?`, { typed: shell, words })
    }
    context.io.out(script(await describedCommands()))
    return exitCode.done
  },
}
