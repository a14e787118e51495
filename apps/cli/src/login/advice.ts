import { AuthError, type AuthErrorCode, isAuthError } from '@latchkey/core'
import { proxyFinding } from '../doctor/proxy.ts'

/** Failures of which more can be found out, and most of which are not the person's. */
const lookInto: readonly AuthErrorCode[] = ['NETWORK', 'TIMEOUT', 'TLS', 'DISCOVERY_FAILED', 'SERVER_ERROR']

function adviceOn(
  { code, message }: AuthError,
  typed: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const again = `auth login ${typed}`
  if (code === 'LOGIN_DENIED') return `Nothing was stored. To try again: ${again}`
  if (code === 'LOGIN_EXPIRED') return `Nothing was stored. To try again: ${again}`
  if (code === 'UNSUPPORTED' && /by (browser|device)/.test(message)) return `See --method in auth login --help.`
  if (code === 'CONFIG_INVALID' && /client/i.test(message) && !/--client-id/.test(message))
    return 'Check --client-id, and --client-secret-file if the client has a secret.'
  if (!lookInto.includes(code)) return undefined
  const proxy =
    code === 'NETWORK' || code === 'TIMEOUT' || code === 'DISCOVERY_FAILED'
      ? proxyFinding(env, process.execArgv, false)
      : undefined
  if (proxy?.mend !== undefined) return `${proxy.text} Try: ${proxy.mend}`
  return `auth doctor ${typed} finds out more.`
}

/** A failed login with what to do, in the same line; what the message has already is not said twice. */
export function advised(error: unknown, typed: string, env: Readonly<Record<string, string | undefined>>): unknown {
  if (!isAuthError(error)) return error
  const advice = adviceOn(error, typed, env)
  if (advice === undefined || error.message.includes(advice)) return error
  return new AuthError(error.code, `${error.message} ${advice}`, { cause: error })
}
