import type { Clock } from '../clock.ts'
import { AuthError, IssuerError } from '../errors.ts'
import { jsonObject } from '../issuer/json.ts'
import { showable } from '../issuer/redact.ts'
import type { LoginKey } from '../store/login-key.ts'
import { keyText, normalizeIssuer } from '../store/login-key.ts'
import type { Login, RefusedMark } from '../store/token-store.ts'
import type { LoginState } from './login-state.ts'

// Real servers refuse good tokens while they start (oCIS for a second, replicas, restored backups): a mark is a rest.
const restsMs = [30_000, 120_000, 600_000]
const longestRestMs = 3_600_000

/** Whether the mark still rests; one in the future is past, some clock was set back. */
export function isResting(refused: RefusedMark | undefined, clock: Clock): boolean {
  if (refused === undefined) return false
  const since = clock.now() - refused.at
  return since >= 0 && since < (restsMs[refused.times - 1] ?? longestRestMs)
}

/** The login with its refresh token marked. `at` moves only here: only when the issuer refuses. */
export function markRefused(login: Login, error: IssuerError, clock: Clock): Login {
  const { failed: _, ...rest } = login
  const { error: word, errorDescription: reason, status } = error.refusal
  const times = (login.refused?.times ?? 0) + 1
  const said = { code: word ?? String(status), ...(reason !== undefined && { reason }) }
  return { ...rest, refused: { at: clock.now(), ...said, times } }
}

/**
 * Whether an issuer refused a refresh token: as the token request reads it, or lico's `invalid_request` for a token
 * whose own `exp` has passed.
 */
export function isRefusal(error: unknown, sent: string, clock: Clock): error is IssuerError {
  if (!(error instanceof IssuerError) || error.refusal.status >= 500) return false
  if (error.code === 'LOGIN_REQUIRED' || error.code === 'LOGIN_EXPIRED') return true
  return error.refusal.error === 'invalid_request' && hasEnded(sent, clock)
}

/** A refresh token that is a readable JWT and says itself that it has ended. */
function hasEnded(token: string, clock: Clock): boolean {
  const payload = token.split('.')[1]
  if (payload === undefined) return false
  try {
    const exp = jsonObject(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))?.['exp']
    return typeof exp === 'number' && exp * 1000 <= clock.now()
  } catch {
    return false
  }
}

/** At most this many logins are looked at for a near miss. */
const mostLookedAt = 200

/** `LOGIN_REQUIRED`, with the command to run and the logins that were nearly meant. */
export async function loginRequired(state: LoginState, login: Login | undefined): Promise<AuthError> {
  const { issuer, clientId, account } = state.key
  const who = account === undefined ? `client ${clientId}` : `client ${clientId}, account ${account},`
  const why =
    login?.refused === undefined
      ? `There is no login for ${who} at ${issuer}.${await nearMisses(state)}`
      : `The issuer refused the login for ${who} at ${issuer} (${refusedWords(login.refused)}).`
  return new AuthError('LOGIN_REQUIRED', `${why} Log in with: ${state.loginCommand}`)
}

const refusedWords = ({ code, reason }: RefusedMark): string => (reason === undefined ? code : `${code}: ${reason}`)

async function nearMisses(state: LoginState): Promise<string> {
  const near: string[] = []
  try {
    let looked = 0
    for await (const key of state.store.keys()) {
      if (++looked > mostLookedAt || near.length === 3) break
      const miss = nearMiss(key, state.key)
      if (miss !== undefined) near.push(miss)
    }
  } catch {
    // The hint is worth less than the error it belongs to.
    return ''
  }
  return near.length === 0 ? '' : ` There is a login for ${near.join(', and for ')}.`
}

function nearMiss(key: LoginKey, wanted: LoginKey): string | undefined {
  if (keyText(key) === keyText(wanted)) return undefined
  // Keys come from a file that others write too.
  const account = key.account === undefined ? '' : `, account ${showable(key.account)}`
  if (normalizeIssuer(key.issuer) === normalizeIssuer(wanted.issuer))
    return `client ${showable(key.clientId)}${account} at this issuer`
  return key.clientId === wanted.clientId ? `this client at ${showable(key.issuer)}` : undefined
}
