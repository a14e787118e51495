import { isFresh } from '@latchkey/core'
import { manualClock } from '@latchkey/testkit'
import { describe, expect, test } from 'vitest'

const now = Date.UTC(2026, 0, 1)
const token = (age: number, lifetime?: number) => ({
  receivedAt: now - age,
  ...(lifetime !== undefined && { expiresAt: now - age + lifetime }),
})

describe('a token', () => {
  test.each([
    [3_600_000, 30_000],
    [300_000, 30_000],
    [100_000, 10_000],
    [2_000, 200],
  ])('of %i ms is not handed out any more %i ms before its end', (lifetime, margin) => {
    expect(isFresh(token(lifetime - margin - 1, lifetime), manualClock(now))).toBe(true)
    expect(isFresh(token(lifetime - margin, lifetime), manualClock(now))).toBe(false)
  })

  test.each<[string, Parameters<typeof token>, number, boolean]>([
    ['that came just now', [0, 3_600_000], 0, true],
    ['a moment before its margin', [3_569_999, 3_600_000], 0, true],
    ['within its margin', [3_570_000, 3_600_000], 0, false],
    ['past its end', [3_600_001, 3_600_000], 0, false],
    ['of no time at all', [0, 0], 0, false],
    ['that must live longer than it will', [0, 3_600_000], 3_570_000, false],
    ['that lives just long enough', [0, 3_600_000], 3_569_999, true],
    ['without an end', [86_400_000], 0, true],
    ['received in the future', [-1, 3_600_000], 0, false],
    ['received in the future, without an end', [-1], 0, false],
  ])('%s', (_, parts, minValid, fresh) => {
    expect(isFresh(token(...parts), manualClock(now), minValid)).toBe(fresh)
  })

  test('ends by whichever clock passes first', async () => {
    const clock = manualClock(now)
    await clock.advance(60_000)
    // The wall clock was set back by a minute, then by more than the token's life ahead.
    clock.setWall(now)
    expect(isFresh(token(0, 60_000), clock, 0, 0)).toBe(false)
    expect(isFresh(token(0, 60_000), clock, 0, 30_000)).toBe(true)
    expect(isFresh(token(0, 60_000), clock)).toBe(true)
    clock.setWall(now + 60_000)
    expect(isFresh(token(0, 60_000), clock, 0, 60_000)).toBe(false)
  })
})
