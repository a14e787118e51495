import { type AuthError, type Clock, client, isAuthError, systemClock } from '@latchkey/core'

/** What a promise is rejected with, which must be an `AuthError`. */
export async function thrown(work: Promise<unknown>): Promise<AuthError> {
  const error = await work.then(
    (value) => new Error(`Nothing was thrown, but this came: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (isAuthError(error)) return error
  throw error
}

/** Has an issuer's metadata read in its own time: what is timed afterwards is the request that it is about. */
export async function discovered(issuer: string): Promise<void> {
  await client({ issuer, clientId: 'c' }).metadata()
}

/** A clock that runs a hundred times as fast: 30 s until a request is given up are 300 ms. */
export const hasty: Clock = {
  now: systemClock.now,
  monotonic: () => systemClock.monotonic() * 100,
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
}
