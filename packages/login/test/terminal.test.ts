import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { followed, visit } from './support/visit.ts'

const absent = spawnSync('tmux', ['-V']).status !== 0

const program = join(import.meta.dirname, 'programs', 'log-in.ts')

/** A shell in a terminal, and what it was like before and after. */
interface Shell {
  readonly type: (...keys: string[]) => void
  readonly screen: () => string
  /** `stty -a`, as the shell would have it. */
  readonly settings: () => Promise<string>
}

function shell(env: Readonly<Record<string, string>>): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-terminal-'))
  const socket = join(folder, 'socket')
  // A person's terminal: nothing of what these tests run in, CI above all.
  const around = { PATH: process.env['PATH'], TERM: 'xterm-256color', LANG: 'C.UTF-8' }
  const tmux = (...words: string[]): string =>
    spawnSync('tmux', ['-S', socket, ...words], { encoding: 'utf8', env: around }).stdout
  const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '100', '-y', '45', ...variables, 'bash', '--norc', '--noprofile')
  onTestFinished(() => {
    tmux('kill-server')
    rmSync(folder, { recursive: true, force: true })
  })
  let count = 0
  const settings = async (): Promise<string> => {
    const file = join(folder, `settings-${++count}`)
    tmux('send-keys', `stty -a > ${file}.tmp && mv ${file}.tmp ${file}`, 'Enter')
    await expect.poll(() => spawnSync('test', ['-s', file]).status, { timeout: 10_000 }).toBe(0)
    return readFileSync(file, 'utf8')
  }
  return {
    type: (...keys) => void tmux('send-keys', ...keys),
    screen: () => tmux('capture-pane', '-p', '-J').trim(),
    settings,
  }
}

describe.skipIf(absent)('in a terminal (peer: tmux)', () => {
  let at: Provider
  beforeAll(async () => {
    at = await provider()
  })
  afterAll(() => at.close())

  const env = { LANG: 'C.UTF-8', TERM: 'xterm-256color', DISPLAY: ':0', PS1: '$ ' }
  const patience = { timeout: 15_000 }
  const run = (method: string, client: string, browser: string): string =>
    `'${process.execPath}' '${program}' ${at.issuer} ${method} ${client} ${browser}; echo "ended with $?"`

  const addressOn = (screen: string): string => /^(http:\S+\/auth\?\S+)$/m.exec(screen)?.[1] ?? ''

  test('a browser that the terminal opens brings the answer back; the terminal is as it was', async () => {
    const { type, screen, settings } = shell(env)
    const before = await settings()
    type(`clear; ${run('auto', 'browser', 'true')}`, 'Enter')
    await expect.poll(screen, patience).toMatch(/^ {2}(10:00|9:\d\d) {2}to log in · Ctrl-C ends it$/m)
    const { url } = await at.signIn(addressOn(screen()))
    expect((await followed(await visit(url), url)).text).toContain('marine-tool')
    await expect.poll(screen, patience).toContain('ended with 0')
    expect(screen()).toMatch(/^✓ Logged in at http:\/\/127\.0\.0\.1:\d+\.\n\{"tokenType":"Bearer"\}\nended with 0$/m)
    expect(screen()).not.toMatch(/Ctrl-C/)
    expect(await settings()).toBe(before)
  })

  test('a pasted address is not shown; Ctrl-Z and fg in between do no harm', async () => {
    const { type, screen, settings } = shell(env)
    const before = await settings()
    type(`clear; ${run('paste', 'browser', 'none')}`, 'Enter')
    await expect.poll(screen, patience).toContain('to log in · Ctrl-C ends it')
    const { url } = await at.signIn(addressOn(screen()))
    type('C-z')
    await expect.poll(screen, patience).toContain('Stopped')
    expect(await settings()).toBe(before)
    type('fg', 'Enter')
    type('hello', 'Enter')
    await expect.poll(screen, patience).toContain('That is no answer')
    type(url, 'Enter')
    await expect.poll(screen, patience).toContain('{"tokenType":"Bearer"}')
    expect(screen()).not.toContain(new URL(url).searchParams.get('code'))
    expect(await settings()).toBe(before)
  })

  test('a device login counts down, and Ctrl-C ends it with the terminal as it was', async () => {
    const { type, screen, settings } = shell(env)
    const before = await settings()
    type('clear; ' + run('device', 'script', 'none'), 'Enter')
    await expect.poll(screen, patience).toMatch(/^ {2}9:5\d {2}to approve it · c copies the code/m)
    expect(screen()).toMatch(/^ {4}[A-Z]{4}-[A-Z]{4}$/m)
    expect(screen()).toContain('▄▄▄▄▄▄▄')
    type('C-c')
    await expect.poll(screen, patience).toMatch(/^\^C\n/m)
    expect(await settings()).toBe(before)
  })

  test('a program that is killed leaves the terminal as it was', async () => {
    const { type, screen, settings } = shell(env)
    const before = await settings()
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-killed-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const script = join(folder, 'run.sh')
    writeFileSync(script, `'${process.execPath}' '${program}' ${at.issuer} device script none & echo $! > pid; fg`)
    type(`clear; cd '${folder}'; set -m; . ./run.sh`, 'Enter')
    await expect.poll(screen, patience).toMatch(/^ {2}9:5\d {2}/m)
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGTERM')
    await expect.poll(screen, patience).toContain('Terminated')
    expect(await settings()).toBe(before)
  })
})
