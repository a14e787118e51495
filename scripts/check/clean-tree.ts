import { command, type Outcome } from './command.ts'

/** What `git status` says about the checkout, ignored files left out. */
export async function treeState(): Promise<string> {
  return (await command('git', ['status', '--porcelain'])).output
}

/** The build writes nothing that git would see. Says nothing about a checkout that had changes `before` the build. */
export async function unchangedTree(before: string): Promise<Outcome> {
  if (before !== '') return { ok: true, output: '', note: 'not judged: the checkout had changes before' }
  const { output } = await command('git', ['status', '--porcelain'])
  const diff = await command('git', ['diff', '--exit-code'])
  return { ok: output === '' && diff.ok, output: `the build changed files:\n${output}${diff.output}` }
}
