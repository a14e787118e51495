import { isAuthError } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { chooseMethod, type MethodSituation } from '../src/index.ts'

const code = { authorization_endpoint: 'https://iam.example.org/authorize' }
const device = { device_authorization_endpoint: 'https://iam.example.org/device' }
const both = { ...code, ...device }
const here = { DISPLAY: ':0' }
const ssh = { SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22', DISPLAY: 'localhost:10.0' }

const situation = (more: Partial<MethodSituation>): MethodSituation => ({
  issuer: 'https://iam.example.org',
  env: here,
  platform: 'linux',
  metadata: both,
  isTerminal: { input: true, output: true },
  ...more,
})

/** `method: reason`, or the code of the error. */
function chosen(more: Partial<MethodSituation>): string {
  try {
    const { method, reason } = chooseMethod(situation(more))
    return `${method}: ${reason}`
  } catch (error) {
    return isAuthError(error) ? error.code : String(error)
  }
}

const nobody = { input: false, output: false }

describe('auto', () => {
  test.each<[string, Partial<MethodSituation>, string]>([
    ['a desktop', {}, 'browser: there is a browser on this machine'],
    ['Wayland', { env: { WAYLAND_DISPLAY: 'wayland-0' } }, 'browser: there is a browser on this machine'],
    ['macOS', { env: {}, platform: 'darwin' }, 'browser: there is a browser on this machine'],
    ['Windows', { env: {}, platform: 'win32' }, 'browser: there is a browser on this machine'],
    ['WSL', { env: { WSL_INTEROP: '/run/WSL/1_interop' } }, 'browser: there is a browser on this machine'],
    ['ssh, even with a forwarded display', { env: ssh }, 'device: this is an ssh session'],
    ['ssh on macOS', { env: { SSH_TTY: '/dev/ttys1' }, platform: 'darwin' }, 'device: this is an ssh session'],
    [
      'an editor over ssh that forwards',
      { env: { ...ssh, BROWSER: '/vscode/bin/helpers/browser.sh' } },
      'browser: there is a browser on this machine',
    ],
    ['ssh, with --browser', { env: ssh, browser: 'my-opener' }, 'browser: there is a browser on this machine'],
    ['ssh, with a browser of the terminal', { env: { ...ssh, BROWSER: 'w3m' } }, 'device: this is an ssh session'],
    ['podman', { env: { container: 'podman', ...here } }, 'device: this is a container'],
    ['a pod', { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } }, 'device: this is a container'],
    ['no display', { env: {} }, 'device: there is no display'],
    ['BROWSER=none', { env: { ...here, BROWSER: 'none' } }, 'device: no browser is wanted'],
    ['no code at the issuer', { metadata: device }, 'device: the issuer has no login by browser'],
    ['a client without an address on loopback', { loopback: false }, 'device: this client has no address on loopback'],
    [
      'no device at the issuer',
      { env: ssh, metadata: code },
      'paste: this is an ssh session, and the issuer has no login by device',
    ],
    [
      'the same, with nothing to paste into',
      { env: ssh, metadata: code, isTerminal: { input: false, output: true } },
      'LOGIN_REQUIRED',
    ],
    ['neither', { metadata: {} }, 'UNSUPPORTED'],
    ['code alone, for a client without loopback', { metadata: code, loopback: false }, 'UNSUPPORTED'],
    ['no terminal', { isTerminal: nobody }, 'LOGIN_REQUIRED'],
    ['stderr in a file', { isTerminal: { input: true, output: false } }, 'LOGIN_REQUIRED'],
    [
      'stdin from a pipe, on a desktop',
      { isTerminal: { input: false, output: true } },
      'browser: there is a browser on this machine',
    ],
    ['continuous integration, even with a terminal', { env: { ...here, CI: 'true' } }, 'LOGIN_REQUIRED'],
    ['CI=false', { env: { ...here, CI: 'false' } }, 'browser: there is a browser on this machine'],
    ['Azure Pipelines', { env: { ...here, TF_BUILD: 'True' } }, 'LOGIN_REQUIRED'],
    [
      'somebody who asked, without a terminal',
      { env: {}, isTerminal: nobody, attended: true },
      'device: there is no display',
    ],
    [
      'somebody who asked, in CI',
      { env: { CI: '1' }, isTerminal: nobody, attended: true },
      'device: there is no display',
    ],
  ])('%s', (_name, more, expected) => {
    expect(chosen(more)).toBe(expected)
  })

  test('says at once where nobody can act, and what to do', () => {
    const error = (more: Partial<MethodSituation>) => () => chooseMethod(situation({ isTerminal: nobody, ...more }))
    expect(error({})).toThrow(
      'Not logged in at https://iam.example.org, and nobody may be there to log in: stderr is no terminal. Log in from a terminal or ask for the device method, which needs no terminal.',
    )
    expect(error({ metadata: code, env: { CI: '1' } })).toThrow(
      /this is continuous integration. Log in from a terminal\.$/,
    )
  })
})

describe('a method that is asked for', () => {
  test.each<[MethodSituation['method'], Partial<MethodSituation>, string]>([
    ['browser', { env: ssh }, 'browser: it was asked for'],
    ['browser', { isTerminal: nobody }, 'browser: it was asked for'],
    ['browser', { metadata: device }, 'UNSUPPORTED'],
    ['browser', { loopback: false }, 'UNSUPPORTED'],
    ['device', { isTerminal: nobody, env: { CI: '1' } }, 'device: it was asked for'],
    ['device', { metadata: code }, 'UNSUPPORTED'],
    ['paste', {}, 'paste: it was asked for'],
    ['paste', { isTerminal: { input: false, output: true } }, 'LOGIN_REQUIRED'],
    ['paste', { metadata: device }, 'UNSUPPORTED'],
  ])('%s %j', (method, more, expected) => {
    expect(chosen({ method, ...more })).toBe(expected)
  })
})
