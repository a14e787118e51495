import { type Client, stateOf } from '../client/client.ts'
import { AuthError, aborted, IssuerError, isAuthError } from '../errors.ts'
import { tokenRequest } from '../issuer/token-request.ts'
import type { DevicePrompt } from './device-code.ts'

/** RFC 8628 section 3.5. */
const slowDownMs = 5_000
/** Shortest and longest pause between two polls, whatever a server says or a network does. */
const shortestPauseMs = 1_000
const longestPauseMs = 60_000
/** How often network trouble doubles the pause. */
const mostDoublings = 3

interface Polled extends DevicePrompt {
  readonly intervalMs: number
}

interface PollOptions {
  readonly prompt: (prompt: DevicePrompt) => void | Promise<void>
  readonly signal?: AbortSignal | undefined
}

/** Polls until the person has decided (RFC 8628 section 3.4); gives the body of the token answer, unparsed. */
export async function pollForTokens(
  client: Client,
  form: URLSearchParams,
  device: Polled,
  options: PollOptions,
): Promise<string> {
  const { clock } = stateOf(client).access
  const { intervalMs: _, ...shown } = device
  const stop = new AbortController()
  const failed = shownTo(options.prompt, shown).catch((error: unknown) => {
    stop.abort(error)
    throw error
  })
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal])
  const lifetime = device.expiresAt - clock.now()
  const endsAt = clock.monotonic() + lifetime
  try {
    // The prompt ends the login only by failing; polling ends it otherwise.
    return await Promise.race([
      polling(client, form, device, { signal, endsAt }),
      failed.then(() => new Promise<never>(() => undefined)),
    ])
  } catch (error) {
    if (options.signal?.aborted && !isAuthError(error)) throw aborted(options.signal)
    throw error
  } finally {
    stop.abort()
  }
}

// A prompt that throws at once must fail the login like one that rejects.
async function shownTo(prompt: PollOptions['prompt'], device: DevicePrompt): Promise<void> {
  await prompt(Object.freeze(device))
}

interface Polling {
  readonly signal: AbortSignal
  /** On the monotonic clock. */
  readonly endsAt: number
}

async function polling(
  client: Client,
  form: URLSearchParams,
  device: Polled,
  { signal, endsAt }: Polling,
): Promise<string> {
  const { clock } = stateOf(client).access
  let intervalMs = device.intervalMs
  let troubles = 0
  for (;;) {
    const left = endsAt - clock.monotonic()
    const pause =
      Math.min(Math.max(intervalMs, shortestPauseMs), longestPauseMs) * 2 ** Math.min(troubles, mostDoublings)
    await clock.sleep(Math.min(pause, Math.max(left, 0)), signal)
    if (left <= pause)
      throw new AuthError(
        'LOGIN_EXPIRED',
        `The code was not approved in time at ${client.issuer}. Start the login again.`,
      )
    const poll = await once(client, form, signal)
    if (typeof poll === 'string') return poll
    troubles = poll.trouble ? troubles + 1 : 0
    intervalMs += poll.slowerMs
  }
}

interface Pending {
  readonly trouble: boolean
  readonly slowerMs: number
}

/** One poll: the answer, or how to go on. */
async function once(client: Client, form: URLSearchParams, signal: AbortSignal): Promise<string | Pending> {
  try {
    return (await tokenRequest(client, form, signal)).text
  } catch (error) {
    const going = pendingAfter(error)
    if (going === undefined) throw error
    return going
  }
}

const transient: ReadonlySet<string> = new Set(['NETWORK', 'TIMEOUT', 'SERVER_ERROR'])

function pendingAfter(error: unknown): Pending | undefined {
  if (!isAuthError(error)) return undefined
  const said = error instanceof IssuerError ? error.refusal.error : undefined
  if (said === 'authorization_pending') return { trouble: false, slowerMs: 0 }
  // 429 is a gateway's way of saying slow_down.
  const tooMany = error instanceof IssuerError && error.refusal.status === 429
  if (said === 'slow_down' || tooMany) return { trouble: false, slowerMs: slowDownMs }
  return transient.has(error.code) ? { trouble: true, slowerMs: 0 } : undefined
}
