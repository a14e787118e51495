import { AuthError, type AuthErrorCode, type IssuerError, isAuthError } from '@latchkey/core'
import { proxyFinding } from '../doctor/proxy.ts'

type Env = Readonly<Record<string, string | undefined>>
type Refusal = IssuerError['refusal']

/** Failures of which more can be found out, and most of which are nobody's fault here. */
const lookInto: readonly AuthErrorCode[] = ['NETWORK', 'TIMEOUT', 'TLS', 'DISCOVERY_FAILED', 'SERVER_ERROR']

const notReached: readonly AuthErrorCode[] = ['NETWORK', 'TIMEOUT', 'DISCOVERY_FAILED']

const refusalOf = (error: AuthError): Refusal | undefined =>
  'refusal' in error ? (error as IssuerError).refusal : undefined

/** What a client did wrong, as the options here are called. Keycloak calls a client without the device grant an invalid grant. */
const clientAdvice: ReadonlyMap<string | undefined, string> = new Map([
  ['invalid_client', 'That is --client-id, and --client-secret-file where the client has a secret.'],
  ['invalid_grant', 'A client without the device grant logs in with --method browser.'],
  ['unauthorized_client', 'A client without the device grant logs in with --method browser.'],
  ['invalid_scope', 'That is --scope.'],
])

function methodAdvice(message: string): string | undefined {
  if (message.includes('a login by device')) return 'Try --method browser.'
  return message.includes('a login by browser') ? 'Try --method device.' : undefined
}

/** What servers demand, in the words of core's advice. */
const demandAdvice: readonly (readonly [string, string])[] = [
  ['(PKCE)', 'That is --pkce.'],
  [
    '(DPoP)',
    'auth makes no such logins: a program does, with session({ dpop: true }) of @latchkey/core. Or use another client.',
  ],
]

/** How a login was asked for. */
export interface Tried {
  /** The address or name. */
  readonly typed: string
  /** What to type for another try. */
  readonly again: string
}

function adviceOn(error: AuthError, { typed, again }: Tried, env: Env): string | undefined {
  const { code, message } = error
  const refusal = refusalOf(error)
  if (code === 'LOGIN_DENIED' || code === 'LOGIN_EXPIRED') return `Nothing was stored. Again: ${again}`
  if (code === 'LOGIN_REQUIRED') return message.includes('device method') ? 'That is --method device.' : undefined
  if (code === 'UNSUPPORTED') return methodAdvice(message)
  if (message.includes('an answer of type text/html')) return `A page may also come from a proxy: auth doctor ${typed}`
  const demand = demandAdvice.find(([name]) => code === 'CONFIG_INVALID' && message.includes(name))
  if (demand !== undefined) return demand[1]
  if (code === 'CONFIG_INVALID' && refusal !== undefined) return clientAdvice.get(refusal.error)
  if (!lookInto.includes(code)) return undefined
  const proxy = notReached.includes(code) ? proxyFinding(env, process.execArgv, false) : undefined
  if (proxy?.mend !== undefined) return `${proxy.text} Try: ${proxy.mend}`
  return `auth doctor ${typed} finds out more.`
}

const startAgain = / (?:Start (?:the login|it) again(?: if that was not meant)?|Log in again)\.$/

/** A failed login with what to do, in the same line and in the words of the command line. */
export function advised(error: unknown, tried: Tried, env: Env): unknown {
  if (!isAuthError(error)) return error
  const advice = adviceOn(error, tried, env)
  if (advice === undefined) return error
  // What to type says it better.
  const message = advice.includes(tried.again) ? error.message.replace(startAgain, '') : error.message
  return new AuthError(error.code, `${message} ${advice}`, { cause: error })
}
