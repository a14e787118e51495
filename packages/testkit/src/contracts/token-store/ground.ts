import { isAuthError, type Login, type LoginKey, type TokenStore, type UpdateOptions } from '@latchkey/core'
import type { ManualClock } from '../../manual-clock.ts'
import type { StoreUnderTest } from '../token-store.ts'

/** One sentence of the contract. */
export type Check = (sentence: string, body: Body) => void

/** Its proof. */
export type Body = (store: TokenStore, clock: ManualClock, place: StoreUnderTest) => Promise<void>

/** The login that most sentences speak of. */
export const key: LoginKey = { issuer: 'https://iam.example.org/realm', clientId: 'a-script' }

/** When it all begins; epoch milliseconds. */
export const start: number = Date.parse('2026-01-02T03:04:05Z')

/** An access token as a session hands it over. */
export const token = (accessToken: string): Login['tokens'][string] => ({
  accessToken,
  tokenType: 'Bearer',
  expiresAt: start + 300_000,
  receivedAt: start,
  order: 0,
})

/** A login, with an access token or without. */
export const login = (refreshToken: string, accessToken?: string): Login => ({
  refreshToken,
  tokens: accessToken === undefined ? {} : { '': token(accessToken) },
})

/** How a promise ended: its error's code, `resolved`, or what else it threw. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (isAuthError(error) ? error.code : error),
  )

interface Gate {
  readonly opened: Promise<void>
  open(): void
}

function gate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

/** Everything an iterable gives. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Somebody who is inside an update of `key`. */
export interface Holder {
  /** Ends the update with what `next` makes of the login; without it, with no change. */
  finish(next?: (current: Login | undefined) => Login): Promise<Login | undefined>
}

/** Begins an update of `key` and comes back once it is inside. */
export async function holder(store: TokenStore, options?: UpdateOptions): Promise<Holder> {
  const [inside, end] = [gate(), gate()]
  let make = (current: Login | undefined): Login | undefined => current
  const change = async (current: Login | undefined): Promise<Login | undefined> => {
    inside.open()
    await end.opened
    return make(current)
  }
  const update = store.update(key, change, options)
  await Promise.race([inside.opened, update])
  return {
    finish(next) {
      make = next ?? make
      end.open()
      return update
    },
  }
}

/** A change that must not run. */
export const mustNotRun = (): Promise<never> => Promise.reject(new Error('it ran'))
