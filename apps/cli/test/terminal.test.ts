import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { provider } from '@latchkey/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from './support/bundle.ts'
import { type Home, home, privateFile } from './support/home.ts'
import { backendWith, listed } from './support/openeo.ts'
import { absent, type Terminal, terminal } from './support/terminal.ts'

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

/** `add-basic` at the password prompt, with what `stty -a` says before and after it in files. */
async function atPassword(at: Home, url: string, before = ''): Promise<Terminal & { readonly left: () => boolean }> {
  const program = `'${process.execPath}' '${await bundle()}' add-basic '${url}'`
  const command = `trap : INT; stty -a > before; ${before} sh -c "echo \\$\\$ > pid; exec ${program}"; echo "ended with $?"; stty -a > after; exec cat`
  const opened = terminal(`latchkey-${at.path.slice(-6)}`, ['sh', '-c', `cd '${at.path}'; ${command}`], at.env)
  if (!before.includes('|')) {
    await expect.poll(opened.screen, { timeout: 10_000 }).toContain('Enter username')
    opened.type('john', 'Enter')
  }
  await expect.poll(opened.screen, { timeout: 10_000 }).toContain('Enter password and press enter:')
  const read = (name: string): string =>
    existsSync(join(at.path, name)) ? readFileSync(join(at.path, name), 'utf8') : ''
  return { ...opened, left: () => read('after') !== '' && read('after') === read('before') }
}

describe.skipIf(absent)('a password at a terminal (peer: tmux)', () => {
  it('is not shown, may be corrected and pasted, and is what is stored', async () => {
    const at = home()
    const { url } = await backendWith({ users: { john: 'pässw0rd' } })
    const { left, screen, type } = await atPassword(at, url)
    type('wrong', 'C-u', 'päx', 'BSpace', 'ss', 'Left', 'w0rd')
    expect(screen()).toMatch(/Enter password and press enter:$/)
    type('Enter')
    await expect.poll(screen, { timeout: 10_000 }).toContain('ended with 0')
    await expect.poll(left).toBe(true)
    expect(screen()).not.toMatch(/wrong|w0rd/)
    expect(readFileSync(at.config, 'utf8')).toContain('p\\u00e4ssw0rd')
  })

  it('is asked for at the terminal even where stdin is a pipe, as getpass does', async () => {
    const at = home()
    const { url } = await backendWith()
    const { screen, type } = await atPassword(at, url, "printf 'john\\n' |")
    type('j0hn123', 'Enter')
    await expect.poll(screen, { timeout: 10_000 }).toContain("Successfully authenticated 'john'")
  })

  it('is not shown where the terminal is that of stdin alone', async () => {
    const at = home()
    const { url } = await backendWith()
    const { left, screen, type } = await atPassword(at, url, 'setsid -w')
    type('j0hn123')
    await expect.poll(screen).toMatch(/press enter:$/)
    type('Enter')
    await expect.poll(screen, { timeout: 10_000 }).toContain("Successfully authenticated 'john'")
    await expect.poll(left).toBe(true)
  })

  it.each([
    ['Ctrl-C', 130, 'Interrupted.'],
    ['Ctrl-D', 2, 'No password was given'],
    ['kill -TERM', 143, 'Interrupted.'],
    ['kill -HUP', 129, 'Interrupted.'],
    ['kill -QUIT', 131, ''],
  ])('leaves the terminal as it was after %s', async (how, code, said) => {
    const at = home()
    const { left, screen, type } = await atPassword(at, 'https://openeo.invalid')
    if (how === 'Ctrl-C') type('half', 'C-c')
    else if (how === 'Ctrl-D') type('C-d')
    else process.kill(Number(readFileSync(join(at.path, 'pid'), 'utf8')), `SIG${how.slice(6)}` as NodeJS.Signals)
    await expect.poll(screen, { timeout: 10_000 }).toContain(`ended with ${code}`)
    await expect.poll(left).toBe(true)
    expect(screen()).toContain(said)
    expect(screen()).not.toContain('half')
    expect(existsSync(at.config)).toBe(false)
  })
})

describe.skipIf(absent)('a login at a terminal (peer: tmux)', () => {
  it.each([
    ['C-d', 2, /\(enter index\):\nauth: Nobody chose one of 2\./],
    ['C-c', 130, /\(enter index\): ?\^C\nauth: Interrupted\./],
  ])('%s at the menu begins a line', async (key, code, said) => {
    const providers = [listed('one', 'http://127.0.0.1:1'), listed('two', 'http://127.0.0.1:2')]
    const { url } = await backendWith({ providers })
    const at = home()
    const command = `trap : INT; '${process.execPath}' '${await bundle()}' add-oidc '${url}'; echo "ended with $?"; exec cat`
    const { screen, type } = terminal(`latchkey-${at.path.slice(-6)}`, ['sh', '-c', command], at.env)
    await expect.poll(screen, { timeout: 10_000 }).toMatch(/Choose one \(enter index\):$/)
    type(key)
    await expect.poll(screen, { timeout: 10_000 }).toContain(`ended with ${code}`)
    expect(screen()).toMatch(said)
  })

  it('Ctrl-C takes the countdown away', async () => {
    const issuer = await provider()
    onTestFinished(() => issuer.close())
    const { url } = await backendWith({ providers: [listed('one', issuer.issuer)], verify: issuer.verify })
    const at = home()
    const command = `trap : INT; '${process.execPath}' '${await bundle()}' oidc-auth '${url}'; echo "ended with $?"; exec cat`
    const { screen, type } = terminal(`latchkey-${at.path.slice(-6)}`, ['sh', '-c', command], at.env)
    await expect.poll(screen, { timeout: 10_000 }).toMatch(/\nWaiting for the approval, .* Ctrl-C ends it\.$/)
    type('C-c')
    await expect.poll(screen, { timeout: 10_000 }).toContain('ended with 130')
    expect(screen()).not.toContain('Waiting')
    expect(screen()).toContain('auth: Interrupted.')
  })

  it('asks for the provider by number, shows the address once, counts down on one line and takes that away', async () => {
    const issuer = await provider()
    onTestFinished(() => issuer.close())
    const providers = [listed('one', issuer.issuer), listed('two', issuer.issuer)]
    const { url } = await backendWith({ providers, verify: issuer.verify })
    const at = home()
    const auth = `'${process.execPath}' '${await bundle()}'`
    const command = `${auth} add-oidc '${url}' && clear && ${auth} oidc-auth '${url}'; echo "ended with $?"; exec cat`
    const { screen, type } = terminal(`latchkey-${at.path.slice(-6)}`, ['sh', '-c', command], at.env)
    await expect
      .poll(screen, { timeout: 10_000 })
      .toMatch(/\[2\] Title of two \(issuer .*\)\nChoose one \(enter index\):$/)
    type('0', 'Enter')
    await expect.poll(screen).toMatch(/Enter a number from 1 to 2\.\nChoose one \(enter index\):$/)
    type('2', 'Enter')
    await expect.poll(screen).toMatch(/or leave empty to use default client, and press enter:$/)
    type('Enter')
    await expect
      .poll(screen, { timeout: 10_000 })
      .toMatch(/\nWaiting for the approval, \d+ min left\. Ctrl-C ends it\.$/)
    const [, code = ''] = /^Visit \S+user_code=(\S+) to authenticate\.$/m.exec(screen()) ?? []
    expect(screen().match(/^Visit /gm)).toHaveLength(1)
    expect(screen()).toContain(`The page should show the code ${code}.`)
    await issuer.approve(code)
    await expect.poll(screen, { timeout: 15_000 }).toContain('ended with 0')
    expect(screen()).toMatch(
      /\nThe OpenID Connect device flow was successful\.\nStored refresh token in '.*'\nended with 0$/,
    )
    expect(screen()).not.toContain('Waiting')
  })
})
