import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from './support/bundle.ts'
import { type Home, home } from './support/home.ts'
import { absent, type Terminal, terminal } from './support/terminal.ts'

const browser = join(import.meta.dirname, 'programs', 'browser.ts')
const patience = { timeout: 15_000 }

/** A run of the program at a terminal, which shows in the end how it ended. */
interface AtTerminal extends Terminal {
  readonly at: Home
  /** Waits until it has ended so, with the terminal as it was; gives the screen. */
  readonly ended: (code: number) => Promise<string>
}

async function opened(words: string): Promise<AtTerminal> {
  const at = home()
  const program = `'${process.execPath}' '${await bundle()}' ${words}`
  const line = `cd '${at.path}'; trap : INT; stty -a > before; sh -c "echo \\$\\$ > pid; exec ${program}"; echo "ended with $?"; stty -a > after; exec cat`
  const env = { ...at.env, LANG: 'C.UTF-8', TERM: 'xterm-256color', DISPLAY: '' }
  const { screen, type } = terminal(`latchkey-${at.path.slice(-6)}`, ['sh', '-c', line], env, [600, 45])
  const read = (name: string): string =>
    existsSync(join(at.path, name)) ? readFileSync(join(at.path, name), 'utf8') : ''
  const ended = async (code: number): Promise<string> => {
    await expect.poll(screen, patience).toContain(`ended with ${code}`)
    await expect.poll(() => read('after') !== '' && read('after') === read('before'), patience).toBe(true)
    return screen()
  }
  return { at, screen, type, ended }
}

describe.skipIf(absent)('auth login at a terminal (peer: tmux)', () => {
  let issuer: Provider
  beforeAll(async () => {
    issuer = await provider({ path: '/realms/demo' })
  })
  afterAll(() => issuer.close())

  const login = (...words: readonly string[]): Promise<AtTerminal> =>
    opened(['login', issuer.issuer, ...words].join(' '))
  const browsing = (how = ''): string =>
    `--browser "'${process.execPath}' '${browser}' ${how} %s"`.replaceAll('"', '\\"')
  const addressOn = (screen: string): string => /^(http:\S+\/auth\?\S+)$/m.exec(screen)?.[1] ?? ''

  it('by browser: the page opens by itself, and the terminal says who is logged in', async () => {
    const { ended } = await login('--client-id browser', browsing())
    const screen = await ended(0)
    expect(screen).toMatch(/^By browser\. Otherwise: --method device or paste\.$/m)
    expect(addressOn(screen)).not.toBe('')
    expect(screen).toContain(`✓ Logged in at ${issuer.issuer} as marie (client browser).\n`)
    expect(screen).not.toContain('Ctrl-C')
  })

  it('by browser: a person who refuses is told so, and nothing is stored', async () => {
    const { at, ended } = await login('--client-id browser', browsing('deny'))
    expect(await ended(3)).toMatch(/^auth: .*Nothing was stored\. Again: auth login http\S+ --client-id browser$/m)
    expect(existsSync(at.tokens)).toBe(false)
  })

  it('by device: the code stands alone, the time runs on one line and goes', async () => {
    const { screen, ended } = await login('--client-id script')
    await expect.poll(screen, patience).toMatch(/^ {2}9:5\d {2}to approve it · c copies the code · Ctrl-C ends it$/m)
    const [, code = ''] = /^ {4}([A-Z]{4}-[A-Z]{4})$/m.exec(screen()) ?? []
    await issuer.approve(code)
    expect(await ended(0)).toMatch(
      /\n✓ Logged in at http\S+ as marie \(client script\)\.\nIt stays until you log out\./,
    )
    expect(screen()).not.toContain('to approve it')
  })

  it('by pasting the address of the last page, which is not shown', async () => {
    const { screen, type, ended } = await login('--client-id browser --method paste')
    await expect.poll(screen, patience).toContain('to log in · Ctrl-C ends it')
    const { url } = await issuer.signIn(addressOn(screen()))
    type(url, 'Enter')
    expect(await ended(0)).toContain('✓ Logged in at')
    expect(screen()).not.toContain(new URL(url).searchParams.get('code'))
  })

  it('by a menu, where nothing was said', async () => {
    const { screen, type, ended } = await opened('login --client-id script --method device')
    await expect.poll(screen, patience).toMatch(/ 15 {2}google +Google\n\nNumber, name or address:$/)
    type(issuer.issuer, 'Enter')
    await expect.poll(screen, patience).toMatch(/^ {2}9:5\d {2}to approve it/m)
    type('C-c')
    expect(await ended(130)).toMatch(/\n\^C\nauth: Interrupted\.\nended with 130$/)
    expect(screen()).not.toContain('to approve it')
  })

  it.each([
    ['at the menu', () => opened('login'), 'Number, name or address:'],
    ['at the question for the client', () => login(), 'Client id at'],
    ['by browser', () => login('--client-id browser --browser true'), 'to log in · Ctrl-C ends it'],
    ['by device', () => login('--client-id script'), 'to approve it'],
    ['by pasting', () => login('--client-id browser --method paste'), 'to log in · Ctrl-C ends it'],
  ])('Ctrl-C and SIGTERM %s leave terminal and files as they were', async (_, start, waits) => {
    for (const [code, end] of [
      [130, (run: AtTerminal) => run.type('C-c')],
      [143, ({ at }: AtTerminal) => process.kill(Number(readFileSync(join(at.path, 'pid'), 'utf8')), 'SIGTERM')],
    ] as const) {
      const run = await start()
      await expect.poll(run.screen, patience).toContain(waits)
      end(run)
      expect(await run.ended(code)).toContain('auth: Interrupted.')
      expect(existsSync(run.at.tokens)).toBe(false)
    }
  })
})
