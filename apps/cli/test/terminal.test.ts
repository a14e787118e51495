import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from './support/bundle.ts'
import { home, privateFile } from './support/home.ts'

const absent = spawnSync('tmux', ['-V']).status !== 0

/** A terminal with a person at it. */
interface Terminal {
  readonly type: (...keys: string[]) => void
  readonly screen: () => string
}

function terminal(name: string, command: readonly string[], env: Readonly<Record<string, string>>): Terminal {
  const tmux = (...words: string[]): string => spawnSync('tmux', ['-L', name, ...words], { encoding: 'utf8' }).stdout
  const variables = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`])
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '200', '-y', '20', ...variables, ...command)
  onTestFinished(() => void tmux('kill-server'))
  return { type: (...keys) => void tmux('send-keys', ...keys), screen: () => tmux('capture-pane', '-p').trim() }
}

describe.skipIf(absent)('in a terminal (peer: tmux)', () => {
  it.each([
    ['n', 'Keeping refresh token file.', true],
    ['y', 'Removed refresh token file', false],
  ])('token-clear asks, and %s is an answer', async (answer, said, kept) => {
    const { env, tokens, path } = home()
    privateFile(tokens, '{}')
    const command = `'${process.execPath}' '${await bundle()}' token-clear; echo "ended with $?"; exec cat`
    const { screen, type } = terminal(`latchkey-${path.slice(-6)}`, ['sh', '-c', command], env)
    await expect.poll(screen, { timeout: 10_000 }).toContain(`Remove refresh token file ${tokens}? 'y' or 'n':`)
    expect(existsSync(tokens)).toBe(true)
    type(answer, 'Enter')
    await expect.poll(screen, { timeout: 10_000 }).toContain('ended with 0')
    expect(screen()).toContain(said)
    expect(existsSync(tokens)).toBe(kept)
  })

  it('Ctrl-C at the question removes nothing', async () => {
    const { env, tokens, path } = home()
    privateFile(tokens, '{}')
    const command = `trap : INT; '${process.execPath}' '${await bundle()}' token-clear; echo "ended with $?"; exec cat`
    const { screen, type } = terminal(`latchkey-${path.slice(-6)}`, ['sh', '-c', command], env)
    await expect.poll(screen, { timeout: 10_000 }).toContain("'y' or 'n':")
    type('C-c')
    await expect.poll(screen, { timeout: 10_000 }).toContain('ended with 130')
    expect(existsSync(tokens)).toBe(true)
  })
})
