import { AuthError, aborted, isAuthError, StepUpRequiredError } from '../errors.ts'
import type { TokenRequest } from '../store/variant.ts'
import { machineVariant, variantOf } from '../store/variant.ts'
import { isFresh } from '../token/freshness.ts'
import type { StepUp } from '../token/step-up.ts'
import type { Token } from '../token/token.ts'
import type { GetTokenOptions, TokenSource } from '../token/token-source.ts'
import type { Attempt } from './attempt.ts'
import { type Flight, flight, join } from './flight.ts'
import type { LoginState } from './login-state.ts'
import { renewal } from './renewal.ts'
import {
  type Held,
  isYoungForced,
  refuse,
  type Shared,
  type SharedLogin,
  sharedLogin,
  sharedVariant,
} from './shared.ts'
import { strengthened } from './strengthened.ts'

const plain: GetTokenOptions = Object.freeze({})

interface Place {
  readonly state: LoginState
  readonly request: TokenRequest
  readonly variant: string
  readonly login: SharedLogin
  readonly shared: Shared
}

/** A source over one variant of one login: steps 1 and 2 of the renewal protocol. */
export function source(state: LoginState, request: TokenRequest = {}): TokenSource {
  const variant = state.renew === undefined ? variantOf(request, state.scope) : machineVariant(state.scope)
  const login = sharedLogin(state.store, state.key)
  const place: Place = { state, request, variant, login, shared: sharedVariant(login, variant, state.dpop) }
  return { getToken: (options = plain) => held(place, options) ?? obtained(place, options) }
}

/** Step 1: a good token in memory, with no I/O, no timer and nothing allocated. */
function held({ shared, state }: Place, options: GetTokenOptions): Promise<Token> | undefined {
  const { held } = shared
  if (held === undefined || options.rejected !== undefined || options.stepUp !== undefined) return undefined
  if (options.signal?.aborted === true) return undefined
  return isFresh(held.stored, state.clock, options.minValid, held.receivedMonotonic) ? held.ready : undefined
}

async function obtained(place: Place, options: GetTokenOptions): Promise<Token> {
  const { rejected, signal, stepUp } = options
  if (signal?.aborted) throw aborted(signal)
  if (stepUp !== undefined) return steppedUp(place, stepUp, options)
  if (rejected !== undefined) {
    if (isYoungForced(place.shared.held?.stored, rejected, place.state.clock)) throw refusedAnew(place.state)
    refuse(place.shared, rejected)
    const other = held(place, { ...options, rejected: undefined })
    if (other !== undefined) return other
  }
  return joined(place, options, { name: '', run: renewal })
}

/** What the API asked for beyond a fresh token: only a person's login can bring it. */
async function steppedUp(place: Place, stepUp: StepUp, options: GetTokenOptions): Promise<Token> {
  const { login, key, loginCommand } = place.state
  if (login === undefined) {
    const text = `The API asks for a stronger login at ${key.issuer}, and this session asks nobody.`
    throw new AuthError('UNSUPPORTED', `${text} Log in with: ${loginCommand}`)
  }
  const run = (attempt: Attempt): Promise<Held> => strengthened(attempt, login, stepUp)
  try {
    return await joined(place, options, { name: JSON.stringify(stepUp), run })
  } catch (error) {
    if (!isAuthError(error) || error.code === 'ABORTED') throw error
    const text = `The API asks for a stronger login, which failed. ${error.message}`
    throw new StepUpRequiredError(text, stepUp, { cause: error })
  }
}

function refusedAnew(state: LoginState): AuthError {
  return new AuthError(
    'TOKEN_REFUSED',
    `The API refused a token that ${state.key.issuer} has just issued: check its scope and audience, and the clocks.`,
  )
}

/** An exchange, and the name under which others join it. */
interface Exchange {
  readonly name: string
  readonly run: (attempt: Attempt) => Promise<Held>
}

/**
 * Step 2: one exchange for everybody. Neither the refused token is taken from it, nor somebody else's configuration
 * fault, nor the end of one that everybody had left when this caller came.
 */
async function joined(place: Place, options: GetTokenOptions, exchange: Exchange): Promise<Token> {
  for (let round = 1; ; round++) {
    const current = place.shared.flights.get(exchange.name) ?? started(place, options, exchange)
    const leftByAll = current.abandoned.signal.aborted
    try {
      const token = await join(current, options.signal)
      if (token.accessToken !== options.rejected?.accessToken) return token
      if (round > 1) throw refusedAnew(place.state)
    } catch (error) {
      if (leftByAll && options.signal?.aborted !== true) continue
      if (round > 1 || current.owner === place.state || !isOwnersFault(error)) throw error
    }
  }
}

/** What another session's secret, or its lack of a person to ask, led to says nothing about this one. */
const isOwnersFault = (error: unknown): boolean =>
  isAuthError(error) && (error.code === 'CONFIG_INVALID' || error.code === 'LOGIN_REQUIRED')

function started(place: Place, options: GetTokenOptions, { name, run }: Exchange): Flight {
  const { flights } = place.shared
  const made = flight(place.state, async (abandoned) => {
    try {
      return (await run(attemptOf(place, options, abandoned))).token
    } finally {
      flights.delete(name)
    }
  })
  flights.set(name, made)
  return made
}

function attemptOf(
  { state, request, variant, login, shared }: Place,
  options: GetTokenOptions,
  abandoned: AbortSignal,
): Attempt {
  const { minValid = 0, rejected } = options
  return { state, request, variant, sharedLogin: login, shared, minValid, rejected, abandoned }
}
