import type { StepUp } from '../token/step-up.ts'
import type { Answer } from './authorizer.ts'
import { type Challenge, parseChallenges } from './challenges.ts'

/**
 * What an API means by a refusal: the token is not good, or it is good but not enough, or it is about something else and
 * the caller's. `undefined`: whoever reads it does not know, and leaves it to the standards.
 */
export type Verdict = 'token' | 'caller' | StepUp | undefined

/** Seconds in a challenge; a server's number is text. */
const seconds = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined

/** What a challenge asks for beyond a fresh token. */
export function stepUpIn({ parameters }: Challenge): StepUp | undefined {
  const scope = parameters['scope']
  if (parameters['error'] === 'insufficient_scope') return scope ? { scope } : undefined
  if (parameters['error'] !== 'insufficient_user_authentication') return undefined
  const acrValues = parameters['acr_values']
  const maxAge = seconds(parameters['max_age'])
  if (!acrValues && maxAge === undefined) return undefined
  return {
    ...(acrValues ? { acrValues } : {}),
    ...(maxAge === undefined ? {} : { maxAge }),
    ...(scope ? { scope } : {}),
  }
}

/**
 * Reads a refusal as the standards have it: `insufficient_user_authentication` (RFC 9470 section 3) and
 * `insufficient_scope` (RFC 6750 section 3.1) ask for more; any other 401 means the token, with or without a challenge,
 * since many APIs send none; any other 403 is the caller's.
 */
export function readRefusal(answer: Answer): Verdict {
  const challenges = parseChallenges(answer.header('www-authenticate')).filter(
    ({ scheme }) => scheme === 'bearer' || scheme === 'dpop',
  )
  const asksForMore = challenges.find(({ parameters }) => parameters['error']?.startsWith('insufficient_') === true)
  if (asksForMore !== undefined) return stepUpIn(asksForMore)
  return answer.status === 401 ? 'token' : undefined
}
