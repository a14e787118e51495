import { type Client, stateOf } from '../client/client.ts'
import type { Clock } from '../clock.ts'
import { type AuthError, isAuthError } from '../errors.ts'
import type { TokenSet } from '../grants/grant.ts'
import { refreshTokenIn, tokenSetOf } from '../issuer/token-answer.ts'
import type { Login, StoredToken } from '../store/token-store.ts'
import { checkBound } from './bound-key.ts'
import { failedMark } from './failure.ts'

/** Where an answer came from. */
export interface AnswerOrigin {
  readonly variant: string
  /** Epoch milliseconds. */
  readonly receivedAt: number
  /** What was asked for. */
  readonly scope?: string | undefined
  readonly forced?: boolean
}

/** A login after an answer, and what was wrong with the answer if something was. */
export interface Finished {
  readonly login: Login
  readonly error?: AuthError
}

/** An access token as it goes to the store, which gives it its order. */
export function storedToken(set: TokenSet, origin: AnswerOrigin): StoredToken {
  return {
    ...set.token,
    receivedAt: origin.receivedAt,
    order: 0,
    ...(origin.forced && { forced: true as const }),
    // The login's own is enough: a narrower access token is wanted for itself.
    ...(origin.variant === '' && set.idToken !== undefined && { idToken: set.idToken }),
  }
}

/**
 * The raw answer to a refresh, as the login it makes: its refresh token in every case (an omitted one keeps the old
 * one), its access token only if every check holds.
 */
export async function finish(client: Client, login: Login, answer: string, origin: AnswerOrigin): Promise<Finished> {
  const { clock } = stateOf(client).access
  const { refused: _, failed: __, unfinished: ___, ...kept } = login
  const refreshToken = refreshTokenIn(answer) ?? login.refreshToken
  const base: Login = {
    ...kept,
    ...(refreshToken !== undefined && { refreshToken }),
    tokens: alive(kept.tokens, clock),
  }
  try {
    // OpenID Connect Core section 3.1.3.7 item 6: TLS stands in for the signature of an ID token that came directly.
    const tls = String((await client.metadata()).token_endpoint).startsWith('https:')
    const dpop = login.dpopKey !== undefined
    const expected = {
      receivedAt: origin.receivedAt,
      scope: origin.scope,
      subject: login.subject,
      signature: !tls,
      dpop,
    }
    const set = await tokenSetOf(client, answer, expected)
    const subject = login.subject ?? subjectOf(set)
    const tokens = { ...base.tokens, [origin.variant]: storedToken(set, origin) }
    return { login: { ...base, ...(subject !== undefined && { subject }), tokens } }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return { login: { ...base, failed: failedMark(error, origin.variant, clock) }, error }
  }
}

/** The login that a person's grant brings. */
export function loginOf(set: TokenSet, receivedAt: number, dpopKey?: Login['dpopKey']): Login {
  checkBound(set, dpopKey)
  const subject = subjectOf(set)
  return {
    ...(set.refreshToken !== undefined && { refreshToken: set.refreshToken }),
    ...(set.scope !== undefined && { scope: set.scope }),
    ...(subject !== undefined && { subject }),
    ...(dpopKey !== undefined && { dpopKey }),
    tokens: { '': storedToken(set, { variant: '', receivedAt }) },
  }
}

function subjectOf(set: TokenSet): string | undefined {
  const subject = set.idTokenClaims?.['sub']
  return typeof subject === 'string' ? subject : undefined
}

/** Tokens that have ended are not carried on. */
function alive(tokens: Login['tokens'], clock: Clock): Login['tokens'] {
  const now = clock.now()
  const going = Object.entries(tokens).filter(([, token]) => token.expiresAt === undefined || token.expiresAt > now)
  return Object.fromEntries(going)
}
