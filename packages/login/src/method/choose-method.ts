import { AuthError } from '@latchkey/core'
import { isAutomated, noLocalBrowser, type Surroundings } from './local-browser.ts'

/**
 * How a person logs in:
 * - `browser`: authorization code with PKCE; a browser on this machine brings the answer back by itself
 * - `device`: a code that is typed into a browser anywhere (RFC 8628)
 * - `paste`: authorization code with PKCE; the person pastes the address of the last page
 */
export type LoginMethod = 'browser' | 'device' | 'paste'

/** All that the choice depends on. */
export interface MethodSituation extends Surroundings {
  /** Default `auto`. */
  readonly method?: LoginMethod | 'auto' | undefined
  /** What the issuer says about itself. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** The issuer's address, for messages. */
  readonly issuer: string
  /** Whether the person's keys reach us (stdin), and our words the person (stderr). */
  readonly isTerminal: { readonly input: boolean; readonly output: boolean }
  /** The client may be answered on loopback; default true. */
  readonly loopback?: boolean | undefined
  /** Somebody has asked for this login and reads stderr, though it is no terminal; default false. */
  readonly attended?: boolean | undefined
}

/** What was chosen, and why, in words that may follow "because". */
export interface MethodChoice {
  readonly method: LoginMethod
  readonly reason: string
  /** It was asked for by name. */
  readonly asked: boolean
}

/**
 * Chooses how to log in. `auto`: a browser on this machine; else by device, where the issuer has that; else by pasting.
 * A method that was asked for is taken wherever it can work at all. Pure.
 *
 * @throws `LOGIN_REQUIRED` where nobody is there to act: no terminal or continuous integration, and no method was asked
 *   for; `UNSUPPORTED` where the issuer or the client has no such login
 */
export function chooseMethod(situation: MethodSituation): MethodChoice {
  const { method = 'auto', isTerminal, env } = situation
  if (method !== 'auto') return asked(method, situation)
  if (situation.attended !== true && (isAutomated(env) || !isTerminal.output)) {
    const why = isAutomated(env) ? 'this is continuous integration' : 'stderr is no terminal'
    throw unattended(situation, `nobody may be there to log in: ${why}`)
  }
  const absent = noLocalBrowser(situation)
  const { loopback = true } = situation
  if (hasCode(situation) && loopback && absent === undefined) {
    return { method: 'browser', reason: 'there is a browser on this machine', asked: false }
  }
  const reason = absent ?? (loopback ? 'the issuer has no login by browser' : 'this client has no address on loopback')
  if (hasDevice(situation)) return { method: 'device', reason, asked: false }
  if (!hasCode(situation) || !loopback) throw unsupported(situation, 'a person to log in from a terminal')
  if (!isTerminal.input) throw unattended(situation, `${reason}, and stdin is no terminal to paste into`)
  return { method: 'paste', reason: `${reason}, and the issuer has no login by device`, asked: false }
}

const hasCode = ({ metadata }: MethodSituation): boolean => typeof metadata['authorization_endpoint'] === 'string'

const hasDevice = ({ metadata }: MethodSituation): boolean =>
  typeof metadata['device_authorization_endpoint'] === 'string'

function asked(method: LoginMethod, situation: MethodSituation): MethodChoice {
  const { loopback = true, isTerminal } = situation
  if (method === 'device' && !hasDevice(situation)) throw unsupported(situation, 'a login by device')
  if (method !== 'device' && !hasCode(situation)) throw unsupported(situation, 'a login by browser')
  if (method !== 'device' && !loopback) {
    const text = `The client is registered for no address on loopback at ${situation.issuer}: log in by device.`
    throw new AuthError('UNSUPPORTED', text)
  }
  if (method === 'paste' && !isTerminal.input) throw unattended(situation, 'stdin is no terminal to paste into')
  return { method, reason: 'it was asked for', asked: true }
}

function unattended({ issuer, metadata }: MethodSituation, why: string): AuthError {
  const device = typeof metadata['device_authorization_endpoint'] === 'string'
  const other = device ? ' or ask for the device method, which needs no terminal' : ''
  return new AuthError('LOGIN_REQUIRED', `Not logged in at ${issuer}, and ${why}. Log in from a terminal${other}.`)
}

function unsupported({ issuer }: MethodSituation, what: string): AuthError {
  return new AuthError('UNSUPPORTED', `${issuer} does not offer ${what}.`)
}
