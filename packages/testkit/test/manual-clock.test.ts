import { describe, expect, test } from 'vitest'
import { manualClock } from '../src/index.ts'

describe('the manual clock', () => {
  test('stands still, and wakes sleepers in the order they are due', async () => {
    const clock = manualClock(1000)
    const woken: string[] = []
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms)
      woken.push(`${name} at ${clock.now()}`)
    }
    const all = [sleeper('late', 50), sleeper('early', 10), sleeper('later', 60)]
    await clock.advance(9)
    expect([woken, clock.now(), clock.monotonic(), clock.sleeping]).toEqual([[], 1009, 9, 3])
    await clock.advance(100)
    expect(woken).toEqual(['early at 1010', 'late at 1050', 'later at 1060'])
    expect([clock.now(), clock.monotonic()]).toEqual([1109, 109])
    await Promise.all(all)
  })

  test('lets what a sleeper sets going sleep in its turn', async () => {
    const clock = manualClock()
    const poll = async (): Promise<number> => {
      for (let round = 0; round < 3; round++) await clock.sleep(5)
      return clock.monotonic()
    }
    const polled = poll()
    await clock.advance(100)
    expect([await polled, clock.sleeps]).toEqual([15, [5, 5, 5]])
  })

  test('ends a sleep with its signal’s reason', async () => {
    const clock = manualClock()
    const abort = new AbortController()
    const reason = new Error('enough')
    const sleep = clock.sleep(5, abort.signal)
    abort.abort(reason)
    await expect(sleep).rejects.toBe(reason)
    await expect(clock.sleep(5, abort.signal)).rejects.toBe(reason)
    expect(clock.sleeping).toBe(0)
  })

  test('has a wall clock that can be set back alone', async () => {
    const clock = manualClock(1000)
    clock.setWall(10)
    await clock.advance(5)
    expect([clock.now(), clock.monotonic()]).toEqual([15, 5])
  })
})
