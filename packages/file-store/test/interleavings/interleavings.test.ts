import { isAuthError, type Session, type Token } from '@latchkey/core'
import { type ManualClock, manualClock } from '@latchkey/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { type Families, families } from './families.ts'
import { type Ground, newProcess, python, withoutOwnFile } from './story.ts'

const stories = process.env['LATCHKEY_SCALE'] === 'full' ? 1000 : 120
const seed = Number(process.env['LATCHKEY_SEED'] ?? Date.now() % 1_000_000)

let issuer: Families
let clock: ManualClock

beforeAll(async () => {
  clock = manualClock()
  issuer = await families(() => clock.now())
})
afterAll(() => issuer.close())

/** Numbers below a bound, the same for the same seed (mulberry32). */
function dice(start: number): (below: number) => number {
  let state = start
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/**
 * Who must be found logged in: a person, nobody (`out`), or `unknown`, where a writer without a lock has put back what
 * it had loaded before the last login or logout.
 */
type Expected = number | 'out' | 'unknown'

interface Story extends Ground {
  readonly roll: (below: number) => number
  readonly py: ReturnType<typeof python>
  readonly told: string[]
  expected: Expected
  /** The number of logins and logouts so far, and when Python loaded. */
  changes: number
  loadedAt: number | undefined
}

/** What a call came to, held against what must be. */
async function asks(story: Story, source: Pick<Session, 'getToken'>, rejected?: Token): Promise<Token | undefined> {
  const { expected, told } = story
  const why = (): string => `${told.join(', ')}\nLATCHKEY_SEED=${seed}`
  issuer.reused.length = 0
  try {
    const token = await source.getToken({ rejected })
    told.push(token.accessToken)
    if (expected !== 'unknown') expect(issuer.personOf(token.accessToken), why()).toBe(expected)
    return token
  } catch (error) {
    if (error instanceof Error && error.message === 'killed') return undefined
    if (!isAuthError(error)) throw error
    told.push(error.code)
    const passing = ['SERVER_ERROR', 'STORE_WRITE', 'TOKEN_REFUSED']
    if (!passing.includes(error.code)) expect([error.code, expected], why()).toContainEqual('LOGIN_REQUIRED')
    if (error.code === 'LOGIN_REQUIRED') expect(typeof expected, why()).toBe('string')
    return undefined
  } finally {
    if (expected !== 'unknown') expect(issuer.reused, why()).toEqual([])
  }
}

function becomes(story: Story, expected: Expected): void {
  story.expected = expected
  story.changes += 1
}

const longTime = (): Promise<void> => clock.advance(120_000)

type Act = (story: Story) => Promise<unknown> | void

/** What others do, also while a renewal is under way. */
const others: Readonly<Record<string, Act>> = {
  'a login': async (story) => {
    const { person, set } = issuer.begin()
    becomes(story, person)
    await newProcess(story).login({ grant: async () => set })
  },
  'a logout': async (story) => {
    becomes(story, 'out')
    await newProcess(story).logout()
  },
  'Python logs in': (story) => {
    const { person, set } = issuer.begin()
    becomes(story, person)
    story.py.logIn(set.refreshToken ?? '')
  },
  'Python clears': (story) => {
    becomes(story, 'out')
    story.py.clear()
  },
  'Python writes back': (story) => {
    if (story.loadedAt !== undefined && story.loadedAt !== story.changes) story.expected = 'unknown'
    story.loadedAt = undefined
    story.py.writeBack()
  },
}

const ours: Readonly<Record<string, Act>> = {
  'Python loads': (story) => {
    story.loadedAt = story.changes
    story.py.load()
  },
  'time passes': longTime,
  'a call': (story) => asks(story, newProcess(story)),
  'a call for a part': (story) => asks(story, newProcess(story).narrow({ audience: 'a' })),
  'a refused token': async (story) => {
    const source = newProcess(story)
    const rejected = await asks(story, source)
    if (rejected !== undefined) await asks(story, source, rejected)
  },
  'a busy issuer': async (story) => {
    await longTime()
    issuer.busy = true
    await asks(story, newProcess(story))
    issuer.busy = false
  },
  'death after spend': async (story) => {
    await longTime()
    await asks(story, newProcess(story, { death: 'after spend' }))
  },
  'death after the answer': async (story) => {
    await longTime()
    await asks(story, newProcess(story, { death: 'after the answer' }))
  },
  'death between the files': async (story) => {
    await longTime()
    await withoutOwnFile(story, async () => void (await asks(story, newProcess(story))))
  },
  'a person is asked where nothing else helps': async (story) => {
    let asked: number | undefined
    const login = newProcess(story, {
      login: async () => {
        const { person, set } = issuer.begin()
        asked = person
        return set
      },
    })
    const before = story.expected
    story.expected = 'unknown'
    await asks(story, login)
    expect(asked === undefined || typeof before === 'string', story.told.join()).toBe(true)
    if (asked === undefined) story.expected = before
    else becomes(story, asked)
  },
}

/** Somebody else acts while a token request is under way: the call may see the time before it or after it. */
async function meanwhile(story: Story, act: Act): Promise<void> {
  await longTime()
  const before = story.expected
  let acting: Promise<unknown> | undefined
  const run = (): void => {
    story.expected = before
    acting = Promise.resolve(act(story))
  }
  story.expected = 'unknown'
  issuer.meanwhile = { when: story.roll(2) === 0 ? 'before' : 'after', act: run }
  await asks(story, newProcess(story))
  issuer.meanwhile = undefined
  if (acting === undefined) run()
  await acting
}

async function tell(number: number): Promise<void> {
  const roll = dice(seed + number)
  const ground: Ground = { issuer, clock, directory: temporaryDirectory() }
  issuer.manners = { rotates: roll(5) > 0, saysExpiry: roll(5) > 0 }
  const py = python(ground)
  const story: Story = { ...ground, roll, py, told: [], expected: 'out', changes: 0, loadedAt: undefined }
  const all = Object.entries({ ...others, ...ours })
  for (let left = 6 + roll(12); left > 0; left--) {
    const [name, act] = all[roll(all.length)] ?? ['nothing', () => undefined]
    const isMeanwhile = name in others && roll(2) === 0
    story.told.push(isMeanwhile ? `meanwhile ${name}` : name)
    await (isMeanwhile ? meanwhile(story, act) : act(story))
  }
  await clock.advance(4_000_000)
  await asks(story, newProcess(story))
}

test(`${stories} stories of renewals, crashes, logins, logouts and a lock-free Python, told at random: nobody is logged out, or in, or taken for another (seed ${seed})`, {
  timeout: 600_000,
}, async () => {
  for (let number = 0; number < stories; number++) await tell(number)
})
