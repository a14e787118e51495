import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-tmux-'))
  const socket = join(folder, name)
  // A person's terminal: nothing of what these tests run in, CI above all.
  const around = { PATH: process.env['PATH'], TERM: 'xterm-256color', LANG: 'C.UTF-8' }
  const tmux = (...words: string[]): string =>
    spawnSync('tmux', ['-S', socket, ...words], { encoding: 'utf8', env: around }).stdout
  const variables = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`])
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, ...variables, ...command)
  onTestFinished(() => {
    tmux('kill-server')
    rmSync(folder, { recursive: true, force: true })
  })
  return { type: (...keys) => void tmux('send-keys', ...keys), screen: () => tmux('capture-pane', '-p').trim() }
}
