import { type Login, loginKey, memoryStore, type SessionOptions, session, type TokenStore } from '@latchkey/core'
import {
  type ManualClock,
  manualClock,
  type Reply,
  type ScriptedIssuer,
  type ScriptedRequest,
  scriptedIssuer,
} from '@latchkey/testkit'
import { afterEach, beforeEach, expect } from 'vitest'

/** An issuer that gives a new refresh token each time and takes only the last one, unless told to answer otherwise. */
export interface RotatingIssuer extends ScriptedIssuer {
  /** Forms of the token requests so far. */
  readonly sent: readonly Readonly<Record<string, string>>[]
  /** The refresh token it takes next. */
  current: string
  /** Milliseconds before each answer. */
  delay: number
  /** Seconds; `undefined`: the answer does not say. */
  expiresIn: number | undefined
  /** The next answers, in place of its own. */
  readonly answers: (Reply | ((request: ScriptedRequest) => Reply | Promise<Reply>))[]
}

export const refused: Reply = { status: 400, body: { error: 'invalid_grant' } }

export async function rotatingIssuer(): Promise<RotatingIssuer> {
  const sent: Readonly<Record<string, string>>[] = []
  let count = 0
  const reply = async (request: ScriptedRequest): Promise<Reply> => {
    sent.push(request.form)
    const special = issuer.answers.shift()
    if (special !== undefined) return typeof special === 'function' ? special(request) : special
    const refresh = request.form['grant_type'] === 'refresh_token'
    if (refresh && request.form['refresh_token'] !== issuer.current) return refused
    count += 1
    if (refresh) issuer.current = `RT${count + 1}`
    const lifetime = issuer.expiresIn === undefined ? {} : { expires_in: issuer.expiresIn }
    const rotated = refresh ? { refresh_token: issuer.current } : {}
    return { delay: issuer.delay, body: { access_token: `AT${count}`, token_type: 'bearer', ...lifetime, ...rotated } }
  }
  const server = await scriptedIssuer([{ request: 'POST /token', times: Number.POSITIVE_INFINITY, reply }])
  const issuer: RotatingIssuer = Object.assign(Object.create(server) as ScriptedIssuer, {
    sent,
    current: 'RT1',
    delay: 0,
    expiresIn: 3600,
    answers: [] as RotatingIssuer['answers'],
  })
  return issuer
}

export const keyOf = (issuer: ScriptedIssuer): ReturnType<typeof loginKey> =>
  loginKey({ issuer: issuer.issuer, clientId: 'c' })

/** Puts a login into a store, as a person's login does. */
export async function put(store: TokenStore, issuer: ScriptedIssuer, login: Partial<Login> = {}): Promise<void> {
  await store.update(keyOf(issuer), async () => ({ refreshToken: 'RT1', tokens: {}, ...login }))
}

type Options = Partial<SessionOptions> & { readonly store: TokenStore; readonly clock: ManualClock }

function sessionAt(issuer: ScriptedIssuer, options: Options): ReturnType<typeof session> {
  return session({ issuer: issuer.issuer, clientId: 'c', ...options })
}

/** An issuer, a clock and a store of each test's own. */
export interface World {
  readonly issuer: RotatingIssuer
  readonly clock: ManualClock
  readonly store: TokenStore
  login(options?: Partial<Options>): ReturnType<typeof session>
  /** Another process over the same store: it shares nothing but what `get` and `update` give. */
  otherProcess(): TokenStore
}

export function world(): World {
  let issuer: RotatingIssuer
  let clock: ManualClock
  let store: TokenStore
  beforeEach(async () => {
    issuer = await rotatingIssuer()
    clock = manualClock()
    store = memoryStore({ clock })
  })
  afterEach(async () => {
    expect(issuer.unexpected).toEqual([])
    await issuer.close()
  })
  return {
    get issuer() {
      return issuer
    },
    get clock() {
      return clock
    },
    get store() {
      return store
    },
    login: (options) => sessionAt(issuer, { store, clock, ...options }),
    otherProcess: () => ({
      get: (key, options) => store.get(key, options),
      update: (key, change, options) => store.update(key, change, options),
      keys: (options) => store.keys(options),
    }),
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1))
}
