import type { LoginMethod } from '@latchkey/login'
import type { Arguments } from '../args.ts'
import { secondsOption } from '../duration.ts'
import { UsageError } from '../usage-error.ts'

/** What a login is asked for with. */
export interface LoginRequest {
  readonly clientId: string | undefined
  readonly account: string | undefined
  readonly scope: string | undefined
  readonly audience: readonly string[] | undefined
  readonly pkce: boolean | undefined
  readonly secretFile: string | undefined
  readonly timeoutMs: number | undefined
  readonly method: LoginMethod | 'auto'
  /** A command, or `none`. */
  readonly browser: string | undefined
  /** Of the address on loopback that the client is registered with. */
  readonly ports: readonly number[] | undefined
  readonly register: boolean
  readonly registerTokenFile: string | undefined
  /** Whether the login is kept. */
  readonly stores: boolean
}

const methods: readonly (LoginMethod | 'auto')[] = ['auto', 'browser', 'device', 'paste']

/** @throws UsageError for options that contradict each other, and for values that are none */
export function loginRequest(args: Arguments): LoginRequest {
  const { values, switches } = args
  const request: LoginRequest = {
    clientId: values.get('client-id'),
    account: values.get('account'),
    scope: values.get('scope'),
    audience: values.get('audience')?.split(','),
    pkce: switches.get('pkce'),
    secretFile: values.get('client-secret-file'),
    timeoutMs: secondsOption(args, 'timeout'),
    method: methodIn(values.get('method')),
    browser: switches.get('browser') === false ? 'none' : values.get('browser'),
    ports: values.get('port')?.split(',').map(portIn),
    register: switches.get('register') === true,
    registerTokenFile: values.get('register-token-file'),
    stores: switches.get('no-store') !== true,
  }
  assertConsistent(request, switches.get('browser') === false && values.has('browser'))
  return request
}

function methodIn(text = 'auto'): LoginMethod | 'auto' {
  const method = methods.find((one) => one === text)
  if (method === undefined) throw new UsageError(`--method is ${methods.join(', ')}.`, { typed: text, words: methods })
  return method
}

function portIn(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port
  throw new UsageError('--port is a port of this machine, or several with commas between them.')
}

function assertConsistent(request: LoginRequest, browserTwice: boolean): void {
  const { account, clientId, method, register, registerTokenFile, secretFile, stores } = request
  const faults: readonly (readonly [boolean, string])[] = [
    [browserTwice, '--browser and --no-browser contradict each other.'],
    [method === 'browser' && request.browser === 'none', '--method browser opens one: --no-browser is --method paste.'],
    [register && clientId !== undefined, '--register makes a client: it takes no --client-id.'],
    [register && secretFile !== undefined, '--register makes a client: it takes no --client-secret-file.'],
    [register && !stores, '--register keeps a client, and --no-store keeps nothing.'],
    [!register && registerTokenFile !== undefined, '--register-token-file goes with --register.'],
    [!stores && account !== undefined, '--account is where a login is kept, and --no-store keeps nothing.'],
  ]
  const fault = faults.find(([is]) => is)
  if (fault !== undefined) throw new UsageError(fault[1], { see: 'auth login' })
}
