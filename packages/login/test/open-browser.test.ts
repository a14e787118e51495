import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type OpenBrowserOptions, openBrowser } from '../src/index.ts'
import { fakeTerminal } from './support/fake-terminal.ts'

const url = 'https://iam.example.org/authorize?a=1&b=%s$(reboot);`x`|y&c=%22'

/** What would be started, in its order, were each program to fail. */
async function tried(options: OpenBrowserOptions, address = url): Promise<readonly (readonly string[])[]> {
  const { spawn, spawned } = fakeTerminal()
  await openBrowser(address, { env: {}, platform: 'linux', ...options, spawn })
  return spawned
}

describe('which programs are tried', () => {
  const desktop = [
    ['xdg-open', url],
    ['gio', 'open', url],
  ]
  const windows = ['rundll32.exe', 'url.dll,FileProtocolHandler', url]

  test.each<[string, OpenBrowserOptions, readonly (readonly string[])[]]>([
    ['Linux', {}, desktop],
    ['macOS', { platform: 'darwin' }, [['open', url]]],
    ['Windows, without a shell', { platform: 'win32' }, [['C:\\Windows\\System32\\rundll32.exe', ...windows.slice(1)]]],
    [
      'Windows elsewhere, never a program of the current directory',
      { platform: 'win32', env: { SystemRoot: 'D:\\Win' } },
      [['D:\\Win\\System32\\rundll32.exe', ...windows.slice(1)]],
    ],
    ['Android', { platform: 'android' }, [['termux-open-url', url]]],
    ['WSL', { env: { WSL_DISTRO_NAME: 'Debian' } }, [['wslview', url], windows, ...desktop]],
    ['$BROWSER', { env: { BROWSER: 'firefox' } }, [['firefox', url], ...desktop]],
    [
      'a list',
      { env: { BROWSER: 'firefox:chromium --new-window %s' } },
      [['firefox', url], ['chromium', '--new-window', url], ...desktop],
    ],
    ['browsers of the terminal', { env: { BROWSER: '/usr/bin/w3m:lynx %s' } }, desktop],
    ['a wish to have none', { env: { BROWSER: 'none' } }, []],
    ['--browser alone', { browser: 'my-browser', env: { BROWSER: 'firefox' } }, [['my-browser', url]]],
    [
      'quotes',
      { browser: '"/opt/My Browser/run" --profile \'a b\' --url=%s --cpu=100%%' },
      [['/opt/My Browser/run', '--profile', 'a b', `--url=${url}`, '--cpu=100%']],
    ],
    [
      'what only a shell would understand',
      { browser: 'firefox; touch /tmp/x' },
      [['firefox;', 'touch', '/tmp/x', url]],
    ],
    ['an ampersand at the end', { browser: 'firefox %s &' }, [['firefox', url]]],
    ['--browser none', { browser: 'none' }, []],
    [
      'a name on macOS',
      { browser: 'Google Chrome', platform: 'darwin' },
      [
        ['open', '-a', 'Google Chrome', url],
        ['Google', 'Chrome', url],
      ],
    ],
  ])('%s', async (_name, options, commands) => {
    expect(await tried(options)).toEqual(commands)
  })

  test('the first that works is the last that is tried', async () => {
    const { spawn, spawned } = fakeTerminal({ opens: true })
    expect(await openBrowser(url, { env: {}, platform: 'linux', spawn })).toBe(true)
    expect(spawned).toEqual([['xdg-open', url]])
  })

  test('a signal ends the search', async () => {
    const { spawn, spawned } = fakeTerminal()
    expect(await openBrowser(url, { spawn, signal: AbortSignal.abort() })).toBe(false)
    expect(spawned).toEqual([])
  })
})

describe('an address that no browser is given', () => {
  test.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'smb://host/share',
    'ms-msdt:/id',
    'data:text/html,x',
    '-https://iam.example.org/',
    '--help',
    'iam.example.org',
    'https://name:password@iam.example.org/',
    'vscode://x',
    '',
  ])('%j', async (address) => {
    expect(await tried({}, address)).toEqual([])
  })

  test('and one that is spelled oddly is spelled as WHATWG does', async () => {
    const commands = await tried({ platform: 'darwin' }, ' HTTPS:\\\\Iam.Example.org/a b\'"c\n')
    expect(commands).toEqual([['open', 'https://iam.example.org/a%20b%27%22c']])
  })
})

function script(text: string): { readonly path: string; readonly out: string } {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-browser-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'browser')
  writeFileSync(path, `#!/bin/sh\n${text.replaceAll('OUT', join(folder, 'out'))}\n`)
  chmodSync(path, 0o755)
  return { path, out: join(folder, 'out') }
}

describe.skipIf(process.platform === 'win32')('a real program', () => {
  test('gets the address whole, as one argument', async () => {
    const { path, out } = script('printf "%s\\n" "$#" "$1" > OUT.tmp; echo said; echo more >&2; mv OUT.tmp OUT')
    expect(await openBrowser(url, { browser: `'${path}'` })).toBe(true)
    expect(readFileSync(out, 'utf8')).toBe(`1\n${url}\n`)
  })

  test('is waited for by a program that does nothing else', async () => {
    const { path } = script('sleep 0.3')
    const text = `import { openBrowser } from '@latchkey/login'
      console.log(await openBrowser('https://iam.example.org/', { browser: '${path}' }))`
    const words = ['--input-type=module', '-e', text]
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: import.meta.dirname })
    expect(stdout).toBe('true\n')
  })

  test('is waited for no longer than the signal says', async () => {
    const { path, out } = script('echo $$ > OUT.tmp; mv OUT.tmp OUT; exec sleep 20')
    const ended = new AbortController()
    const opened = openBrowser(url, { browser: path, signal: ended.signal })
    await expect.poll(() => existsSync(out)).toBe(true)
    const before = performance.now()
    ended.abort()
    expect(await opened).toBe(false)
    expect(performance.now() - before).toBeLessThan(1_000)
    process.kill(Number(readFileSync(out, 'utf8')))
  })

  test('that fails is no error', async () => {
    const { path } = script('exit 3')
    expect(await openBrowser(url, { browser: path })).toBe(false)
    expect(await openBrowser(url, { browser: '/nowhere/at/all' })).toBe(false)
    expect(existsSync('/nowhere')).toBe(false)
  })
})
