import { spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

export const absent: boolean = spawnSync('tmux', ['-V']).status !== 0

/** A terminal with a person at it. */
export interface Terminal {
  readonly type: (...keys: string[]) => void
  readonly screen: () => string
}

/** Runs a command in a terminal of its own. */
export function terminal(
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  [columns, rows]: readonly [number, number] = [200, 20],
): Terminal {
  const tmux = (...words: string[]): string => spawnSync('tmux', ['-L', name, ...words], { encoding: 'utf8' }).stdout
  const variables = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`])
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, ...variables, ...command)
  onTestFinished(() => void tmux('kill-server'))
  return { type: (...keys) => void tmux('send-keys', ...keys), screen: () => tmux('capture-pane', '-p').trim() }
}
