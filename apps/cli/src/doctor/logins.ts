import { isAuthError } from '@latchkey/core'
import { durationText } from '../duration.ts'
import { described, loginOptions } from '../login-words.ts'
import { quoted } from '../quoted.ts'
import { type LoginStatus, statusOf } from '../status/login-status.ts'
import { type Check, type Finding, fail, ok, warn } from './finding.ts'

/** Judges a stored login. */
export function loginFinding({ key, state, login }: LoginStatus, now: number): Finding {
  const name = described(key)
  const anew = `auth login ${quoted(key.issuer)} ${loginOptions(key)}`
  const { failed, refused } = login
  if (state === 'login_required') {
    const why =
      refused === undefined
        ? 'has ended'
        : `was refused by the issuer ${durationText(now - refused.at)} ago (${refused.code})`
    return fail('login', `${name} ${why}.`, anew)
  }
  if (state === 'renewable' && refused !== undefined) {
    const text = `${name} was refused by the issuer ${durationText(now - refused.at)} ago (${refused.code}).`
    return warn('login', text, `auth token tries it once more, ${anew} makes another`)
  }
  if (failed !== undefined) {
    return warn(
      'login',
      `${name} could not be renewed ${durationText(now - failed.at)} ago (${failed.code}).`,
      'auth token tries again',
    )
  }
  return ok('login', `${name}: ${state === 'fresh' ? 'has a good token' : 'the next use gets a token'}`)
}

export const loginsCheck: Check = async ({ context, keys, now, readable }) => {
  if (!readable) return []
  const found: Finding[] = []
  for (const key of keys) {
    try {
      const login = await context.store().get(key)
      if (login !== undefined) found.push(loginFinding(statusOf(key, login, now), now))
    } catch (error) {
      if (!isAuthError(error)) throw error
      found.push(fail('login', error.message, 'see the message'))
    }
  }
  return found.length > 0
    ? found
    : [warn('login', 'There is no login.', 'auth login NAME (auth login lists the names)')]
}
