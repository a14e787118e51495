import { AuthError, aborted, isAuthError, StepUpRequiredError } from '../errors.ts'
import type { TokenRequest } from '../store/variant.ts'
import { variantOf } from '../store/variant.ts'
import { isFresh } from '../token/freshness.ts'
import type { StepUp } from '../token/step-up.ts'
import type { Token } from '../token/token.ts'
import type { GetTokenOptions, TokenSource } from '../token/token-source.ts'
import type { Attempt } from './attempt.ts'
import { keyOf } from './bound-key.ts'
import { type Flight, flight, join } from './flight.ts'
import { logIn } from './login.ts'
import type { LoginState } from './login-state.ts'
import { renewal } from './renewal.ts'
import { hold, isYoungForced, refuse, type Shared, type SharedLogin, sharedLogin, sharedVariant } from './shared.ts'

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
  const variant = variantOf(request, state.scope)
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
  if (stepUp !== undefined) return steppedUp(place, stepUp, signal)
  if (rejected !== undefined) {
    if (isYoungForced(place.shared.held?.stored, rejected, place.state.clock)) throw refusedAnew(place.state)
    refuse(place.shared, rejected)
    const other = held(place, { ...options, rejected: undefined })
    if (other !== undefined) return other
  }
  return joined(place, options)
}

function refusedAnew(state: LoginState): AuthError {
  return new AuthError(
    'TOKEN_REFUSED',
    `The API refused a token that ${state.key.issuer} has just issued: check its scope and audience, and the clocks.`,
  )
}

/** Step 2: one exchange for everybody. The refused token is not taken from it, nor somebody else's configuration fault. */
async function joined(place: Place, options: GetTokenOptions): Promise<Token> {
  for (let round = 1; ; round++) {
    const current = place.shared.flight ?? started(place, options)
    try {
      const token = await join(current, options.signal)
      if (token.accessToken !== options.rejected?.accessToken) return token
      if (round > 1) throw refusedAnew(place.state)
    } catch (error) {
      if (round > 1 || current.owner === place.state || !isOwnersFault(error)) throw error
    }
  }
}

/** What another session's secret, or its lack of a person to ask, led to says nothing about this one. */
const isOwnersFault = (error: unknown): boolean =>
  isAuthError(error) && (error.code === 'CONFIG_INVALID' || error.code === 'LOGIN_REQUIRED')

function started(place: Place, options: GetTokenOptions): Flight {
  const { shared } = place
  const made = flight(place.state, async (abandoned) => {
    try {
      return (await renewal(attemptOf(place, options, abandoned))).token
    } finally {
      shared.flight = undefined
    }
  })
  shared.flight = made
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

/** What the API asked for beyond a fresh token: only a person's login can bring it. */
async function steppedUp(place: Place, stepUp: StepUp, signal: AbortSignal | undefined): Promise<Token> {
  const { state, shared, variant } = place
  const { login } = state
  if (login === undefined) {
    const text = `The API asks for a stronger login at ${state.key.issuer}, and this session asks nobody.`
    throw new AuthError('UNSUPPORTED', `${text} Log in with: ${state.loginCommand}`)
  }
  const run = flight(state, async (abandoned) => {
    const stands = await logIn(attemptOf(place, {}, abandoned), undefined, login, stepUp)
    const stored = stands?.tokens[variant]
    return stored === undefined
      ? (await renewal(attemptOf(place, {}, abandoned))).token
      : hold(shared, { stored, key: keyOf(stands?.dpopKey) }).token
  })
  try {
    return await join(run, signal)
  } catch (error) {
    if (!isAuthError(error) || error.code === 'ABORTED') throw error
    throw new StepUpRequiredError(`The API asks for a stronger login, which failed. ${error.message}`, stepUp, {
      cause: error,
    })
  }
}
