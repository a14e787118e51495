import type { Clock } from '../clock.ts'
import { publish } from '../diagnostics.ts'
import { isAuthError } from '../errors.ts'
import type { StepUp } from '../token/step-up.ts'
import type { Token } from '../token/token.ts'
import type { GetTokenOptions, TokenSource } from '../token/token-source.ts'
import type { Answer, Authorization, OutgoingRequest } from './authorizer.ts'
import type { HeldToken } from './held-tokens.ts'
import { readRefusal, type Verdict } from './verdict.ts'

/** Why a hop is sent again: each counts once. */
type Reason = 'token' | 'step-up' | 'nonce'

type Headers = Authorization['headers']

/** An authorizer over tokens at work: what bearer and DPoP have in common. */
export interface Carrier<T extends Token> {
  readonly source: TokenSource<T>
  readonly clock: Clock
  /** Reads a refusal before the standards do. */
  readonly verdict?: ((answer: Answer) => Verdict | Promise<Verdict>) | undefined
  readonly hold: (token: T, forcedAt?: number) => HeldToken<T>
  /** What a hop carries for a token. */
  readonly headers: (held: HeldToken<T>, hop: OutgoingRequest | undefined) => Headers | Promise<Headers>
  /** Sees every answer; true: it asks for the same token once more in other headers. */
  readonly wantsAnew?: ((answer: Answer, hop: OutgoingRequest | undefined) => boolean) | undefined
}

/** One send of one hop; a carrier whose headers do not depend on the hop gives none. */
export interface Sent<T extends Token> {
  readonly held: HeldToken<T>
  readonly hop?: OutgoingRequest | undefined
  /** What it was sent again for so far. */
  readonly used: readonly Reason[]
}

/** ms for which a renewal that did not help is not repeated: an API that refuses everything costs one exchange. */
const renewalRest = 5 * 60_000

/** The source's ways to say that it has nothing better: then the API's answer is the caller's. */
const nothingBetter: ReadonlySet<string> = new Set(['UNSUPPORTED', 'TOKEN_REFUSED'])

/** Another token than the refused one, or nothing. */
async function another<T extends Token>(
  source: TokenSource<T>,
  refused: T,
  options: GetTokenOptions,
): Promise<T | undefined> {
  try {
    const token = await source.getToken(options)
    return token.accessToken === refused.accessToken ? undefined : token
  } catch (error) {
    if (isAuthError(error) && nothingBetter.has(error.code)) return undefined
    throw error
  }
}

/** A renewed token. After a renewal in vain only what the source holds anyway is taken. */
async function renewed<T extends Token>(
  { clock, source, hold }: Carrier<T>,
  held: HeldToken<T>,
  signal: AbortSignal | undefined,
): Promise<HeldToken<T> | undefined> {
  const vain = held.forcedAt !== undefined && !held.accepted && clock.monotonic() - held.forcedAt < renewalRest
  const token = await another(source, held.token, vain ? { signal } : { signal, rejected: held.token })
  return token && hold(token, clock.monotonic())
}

async function steppedUp<T extends Token>(
  { source, hold }: Carrier<T>,
  held: HeldToken<T>,
  options: { readonly stepUp: StepUp; readonly signal: AbortSignal | undefined },
): Promise<HeldToken<T> | undefined> {
  const token = await another(source, held.token, options)
  return token && hold(token)
}

async function refused<T extends Token>(
  carrier: Carrier<T>,
  { held, hop, used }: Sent<T>,
  answer: Answer,
): Promise<Authorization | undefined> {
  const meaning = (await carrier.verdict?.(answer)) ?? readRefusal(answer)
  if (meaning === undefined || meaning === 'caller') return undefined
  const reason = meaning === 'token' ? 'token' : 'step-up'
  told('latchkey:token-refused', answer, reason)
  if (used.includes(reason)) return undefined
  const { signal } = answer
  const better =
    meaning === 'token'
      ? await renewed(carrier, held, signal)
      : await steppedUp(carrier, held, { stepUp: meaning, signal })
  return better && again(carrier, { held: better, hop, used: [...used, reason] }, answer)
}

/** What a hop that is sent again carries; the last reason is the one for this time. */
function again<T extends Token>(carrier: Carrier<T>, sent: Sent<T>, answer: Answer): Promise<Authorization> {
  if (answer.replayable) told('latchkey:request-replayed', answer, sent.used.at(-1) ?? 'token')
  return carry(carrier, sent)
}

function told(name: 'latchkey:token-refused' | 'latchkey:request-replayed', answer: Answer, reason: Reason): void {
  const { request, status } = answer
  publish(name, () => ({ origin: request?.url.origin, method: request?.method, status, reason }))
}

/** What a hop carries: the reasons it was sent again for do not count twice. */
export async function carry<T extends Token>(carrier: Carrier<T>, sent: Sent<T>): Promise<Authorization> {
  return { headers: await carrier.headers(sent.held, sent.hop), answered: reaction(carrier, sent) }
}

/** Told of each answer to a token; a good one is answered at once. */
export function reaction<T extends Token>(carrier: Carrier<T>, sent: Sent<T>): Required<Authorization>['answered'] {
  const { held, hop, used } = sent
  return (answer) => {
    if (answer.status < 400) held.accepted = true
    const anew = carrier.wantsAnew?.(answer, hop) === true
    if (answer.status !== 401 && answer.status !== 403) return undefined
    if (anew && !used.includes('nonce')) return again(carrier, { held, hop, used: [...used, 'nonce'] }, answer)
    return refused(carrier, sent, answer)
  }
}
