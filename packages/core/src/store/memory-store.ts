import { type Clock, systemClock } from '../clock.ts'
import { AuthError, aborted } from '../errors.ts'
import { freezeToken } from '../token/token.ts'
import { keyText, type LoginKey, loginKey } from './login-key.ts'
import type { Lease, Login, StoredToken, TokenStore, UnfinishedAnswer, UpdateOptions } from './token-store.ts'

/** What a memory store is made of. */
export interface MemoryStoreOptions {
  /** Gives the order of tokens; default the clock of the machine. Waiting is always in real time. */
  readonly clock?: Clock | undefined
}

/** One login, and who waits for it. */
interface Slot {
  readonly key: LoginKey
  login: Login | undefined
  /** The answer that was handed over and not stored, with the refresh token it answers. */
  answer: (UnfinishedAnswer & { readonly to: string }) | undefined
  order: number
  readonly lock: Line
  readonly prompt: Line
  /** Woken by every write. */
  readonly watchers: Set<() => void>
}

/** First come, first served; whoever is at its head holds the lock. */
type Line = symbol[]

interface Work {
  live: boolean
  readonly given: Login | undefined
  readonly refreshTokens: Set<string>
  readonly accessTokens: Set<StoredToken>
  answered: string | undefined
}

/** A {@link TokenStore} for one process that forgets everything when it ends: tests, short scripts, a service with its own login. */
export function memoryStore({ clock = systemClock }: MemoryStoreOptions = {}): TokenStore {
  const slots = new Map<string, Slot>()
  const slotOf = (key: LoginKey): Slot => {
    const name = keyText(key)
    const slot = slots.get(name) ?? emptySlot(loginKey(key))
    slots.set(name, slot)
    return slot
  }
  return {
    keepsObjects: true,
    async get(key, { signal } = {}) {
      if (signal?.aborted) throw aborted(signal)
      return view(slots.get(keyText(key)))
    },
    async update(key, change, options = {}) {
      const slot = slotOf(key)
      const line = options.interactive ? slot.prompt : slot.lock
      const leave = await take(slot, line, options)
      if (leave === undefined) return view(slot)
      try {
        return await changeSlot(slot, clock, change, options)
      } finally {
        leave()
      }
    },
    async *keys({ signal } = {}) {
      for (const slot of slots.values()) {
        if (signal?.aborted) throw aborted(signal)
        if (slot.login !== undefined) yield slot.key
      }
    },
  }
}

function emptySlot(key: LoginKey): Slot {
  return { key, login: undefined, answer: undefined, order: 0, lock: [], prompt: [], watchers: new Set() }
}

/** The login with the answer that nobody finished, if it is for this very refresh token. */
function view(slot: Slot | undefined): Login | undefined {
  if (slot?.login === undefined || slot.answer === undefined || slot.answer.to !== slot.login.refreshToken)
    return slot?.login
  const { to: _, ...unfinished } = slot.answer
  return { ...slot.login, unfinished }
}

/** Waits for its turn in a line; `undefined`: `enough` said that the wait is over. */
async function take(slot: Slot, line: Line, options: UpdateOptions): Promise<(() => void) | undefined> {
  const { signal, enough } = options
  const waitMs = options.waitMs ?? (options.interactive ? Infinity : 40_000)
  const start = systemClock.monotonic()
  const me = Symbol()
  line.push(me)
  const leave = (): void => {
    line.splice(line.indexOf(me), 1)
    for (const wake of slot.watchers) wake()
  }
  try {
    for (let first = true; ; first = false) {
      if (signal?.aborted) throw aborted(signal)
      if (!first && enough?.(view(slot))) break
      if (line[0] === me) return leave
      const left = waitMs - (systemClock.monotonic() - start)
      if (left <= 0)
        throw new AuthError('STORE_LOCKED', `Another update of this login has been running for ${waitMs} ms.`)
      await somethingHappens(slot, left, signal)
    }
  } catch (error) {
    leave()
    throw error
  }
  leave()
  return undefined
}

/** Resolves when the slot was written or left, when the time is up, or when the signal fires. */
async function somethingHappens(slot: Slot, ms: number, signal: AbortSignal | undefined): Promise<void> {
  const timer = new AbortController()
  const awake = new Promise<void>((resolve) => {
    const wake = (): void => {
      slot.watchers.delete(wake)
      signal?.removeEventListener('abort', wake)
      timer.abort()
      resolve()
    }
    slot.watchers.add(wake)
    signal?.addEventListener('abort', wake)
    systemClock.sleep(ms, timer.signal).then(wake, () => {})
  })
  await awake
}

async function changeSlot(
  slot: Slot,
  clock: Clock,
  change: Parameters<TokenStore['update']>[1],
  options: UpdateOptions,
): Promise<Login | undefined> {
  const work: Work = {
    live: true,
    given: view(slot),
    refreshTokens: new Set(),
    accessTokens: new Set(),
    answered: undefined,
  }
  remember(work, work.given)
  let next: Login | undefined
  try {
    next = await change(work.given, leaseOf(slot, work, clock, options.interactive === true))
  } finally {
    work.live = false
  }
  if (next === work.given) return view(slot)
  if (!options.interactive) return store(slot, clock, work, next)
  const leave = await take(slot, slot.lock, { waitMs: options.waitMs })
  try {
    return store(slot, clock, work, next)
  } finally {
    leave?.()
  }
}

function remember(work: Work, login: Login | undefined): void {
  if (login?.refreshToken !== undefined) work.refreshTokens.add(login.refreshToken)
  for (const token of Object.values(login?.tokens ?? {})) work.accessTokens.add(token)
}

function leaseOf(slot: Slot, work: Work, clock: Clock, interactive: boolean): Lease {
  const assertLive = (): void => {
    if (!work.live) throw new Error('This lease has ended with its change: nothing was written.')
  }
  return {
    async spend(to, variant) {
      assertLive()
      if (interactive) throw new Error('An interactive update cannot spend a refresh token: it does not hold the lock.')
      if (work.answered !== undefined || view(slot)?.unfinished !== undefined) {
        throw new Error(
          'An answer of the issuer is not finished yet: store it in an update of its own before spending again.',
        )
      }
      const receivedAt = clock.now()
      return async (answer) => {
        assertLive()
        work.answered = to
        slot.answer = { receivedAt, variant, answer, to }
      }
    },
    async reread() {
      assertLive()
      const login = view(slot)
      remember(work, login)
      return login
    },
  }
}

function store(slot: Slot, clock: Clock, work: Work, next: Login | undefined): Login | undefined {
  const standing = slot.login?.refreshToken
  const isNew = next?.refreshToken !== undefined && !work.refreshTokens.has(next.refreshToken)
  // Only a person's login, whose prompt holds no lock, can find another token than it was given.
  const another = standing !== undefined && !work.refreshTokens.has(standing)
  if (another && !isNew) return view(slot)
  if (next === undefined || next.unfinished === undefined) slot.answer = undefined
  slot.login = next && ordered(slot, clock, work, next)
  for (const wake of slot.watchers) wake()
  return view(slot)
}

function ordered(slot: Slot, clock: Clock, work: Work, next: Login): Login {
  const tokens: [string, StoredToken][] = []
  for (const [variant, token] of Object.entries(next.tokens)) {
    const known = work.accessTokens.has(token)
    if (!known) slot.order = Math.max(clock.now(), slot.order + 1)
    const stored = known ? token : usable({ ...token, order: slot.order })
    if (stored !== undefined) tokens.push([variant, stored])
  }
  const { unfinished: _, ...rest } = next
  return { ...rest, tokens: Object.fromEntries(tokens) }
}

/** A token that no header can carry is none: it must not cost the refresh token beside it. */
function usable(token: StoredToken): StoredToken | undefined {
  try {
    return freezeToken(token)
  } catch {
    return undefined
  }
}
