import { type Clock, systemClock } from '../clock.ts'
import { AuthError, isAuthError } from '../errors.ts'
import type { Token } from '../token/token.ts'
import type { GetTokenOptions, TokenSource } from '../token/token-source.ts'
import type { Answer, Authorization, Authorizer } from './authorizer.ts'
import { type HeldToken, heldTokens } from './held-tokens.ts'
import { originTest, parseOrigins } from './origins.ts'
import { readRefusal, type Verdict } from './verdict.ts'

/** What an API does differently from RFC 6750. */
export interface BearerOptions {
  /** The `Authorization` header for a token; default `Bearer TOKEN`. Called once for each token. */
  readonly format?: ((token: Token) => string) | undefined
  /** Reads a 401 or 403 before the standards do; `undefined` leaves it to them. */
  readonly verdict?: ((answer: Answer) => Verdict | Promise<Verdict>) | undefined
  readonly clock?: Clock | undefined
}

type Reason = 'token' | 'step-up'

/** One authorizer at work. */
interface Bearer {
  readonly source: TokenSource
  readonly clock: Clock
  readonly verdict: BearerOptions['verdict']
  hold(token: Token, forcedAt?: number): HeldToken
}

/** ms for which a renewal that did not help is not repeated: an API that refuses everything costs one exchange. */
const renewalRest = 5 * 60_000

/** The source's ways to say that it has nothing better: then the API's answer is the caller's. */
const nothingBetter: ReadonlySet<string> = new Set(['UNSUPPORTED', 'TOKEN_REFUSED', 'STEP_UP_REQUIRED'])

/** Another token than the refused one, or nothing. */
async function another(source: TokenSource, refused: Token, options: GetTokenOptions): Promise<Token | undefined> {
  try {
    const token = await source.getToken(options)
    return token.accessToken === refused.accessToken ? undefined : token
  } catch (error) {
    if (isAuthError(error) && nothingBetter.has(error.code)) return undefined
    throw error
  }
}

/** A renewed token. After a renewal in vain only what the source holds anyway is taken. */
async function renew(bearer: Bearer, held: HeldToken, { signal }: Answer): Promise<HeldToken | undefined> {
  const { clock, source } = bearer
  const vain = held.forcedAt !== undefined && !held.accepted && clock.monotonic() - held.forcedAt < renewalRest
  const token = await another(source, held.token, vain ? { signal } : { signal, rejected: held.token })
  return token && bearer.hold(token, clock.monotonic())
}

async function refused(
  bearer: Bearer,
  held: HeldToken,
  answer: Answer,
  used: readonly Reason[],
): Promise<Authorization | undefined> {
  const meaning = (await bearer.verdict?.(answer)) ?? readRefusal(answer)
  if (meaning === undefined) return undefined
  const reason = meaning === 'token' ? 'token' : 'step-up'
  if (used.includes(reason)) return undefined
  if (meaning === 'token') return carry(bearer, await renew(bearer, held, answer), [...used, reason])
  const stronger = await another(bearer.source, held.token, { signal: answer.signal, stepUp: meaning })
  return carry(bearer, stronger && bearer.hold(stronger), [...used, reason])
}

/** What a hop that is sent again carries: the reasons it was sent again for do not count twice. */
function carry(bearer: Bearer, held: HeldToken | undefined, used: readonly Reason[]): Authorization | undefined {
  if (held === undefined) return undefined
  return { headers: held.authorization.headers, answered: reaction(bearer, held, used) }
}

/** Told of each answer to a token; a good one is answered at once. */
function reaction(
  bearer: Bearer,
  held: HeldToken,
  used: readonly Reason[],
): (answer: Answer) => Promise<Authorization | undefined> | undefined {
  return (answer) => {
    if (answer.status < 400) held.accepted = true
    return answer.status === 401 || answer.status === 403 ? refused(bearer, held, answer, used) : undefined
  }
}

function defaultFormat({ tokenType, accessToken }: Token): string {
  if (!/^dpop$/i.test(tokenType)) return `${tokenType} ${accessToken}`
  throw new AuthError(
    'CONFIG_INVALID',
    'The source gives DPoP tokens, which are worth nothing without their key (RFC 9449).',
  )
}

/**
 * Sends a source's token to its origins (RFC 6750). A token that the API refuses (401) is renewed and the request sent
 * again, once; a challenge that asks for more than a fresh token (RFC 9470, `insufficient_scope`) is put to the source,
 * once. A token that a refusal brought and that was never accepted is not renewed again for 5 minutes. A source that
 * has nothing better leaves the answer to the caller.
 *
 * @param origins where the token may go: https, or http on loopback
 * @throws `CONFIG_INVALID` for what is no origin; a request fails with it where the source gives DPoP tokens
 */
export function bearer(
  source: TokenSource,
  origins: string | readonly string[],
  options: BearerOptions = {},
): Authorizer {
  const { format = defaultFormat, verdict, clock = systemClock } = options
  const allowed = parseOrigins(origins)
  const serves = originTest(allowed)
  const hold = heldTokens({ format, answered: (held) => reaction(self, held, []) })
  const self: Bearer = { source, clock, verdict, hold }
  const authorize: Authorizer = async ({ url, signal }) => {
    if (!serves(url)) return undefined
    return hold(await source.getToken(signal === undefined ? undefined : { signal })).authorization
  }
  return Object.assign(authorize, { origins: allowed })
}
