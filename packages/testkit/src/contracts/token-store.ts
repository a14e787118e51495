import type { Clock, TokenStore } from '@latchkey/core'
import { describe, test } from 'vitest'
import { manualClock } from '../manual-clock.ts'
import { type Body, start } from './token-store/ground.ts'
import { keeping, naming } from './token-store/keeping.ts'
import { leasing, unfinished } from './token-store/leasing.ts'
import { locking, waiting } from './token-store/locking.ts'
import { ordering } from './token-store/ordering.ts'
import { overtaken, prompting } from './token-store/prompting.ts'

/** A place for logins that this test alone uses. */
export interface StoreUnderTest {
  /** Opens the same place again; a store that lives in one process gives the same one. */
  open(options: { readonly clock: Clock }): TokenStore
  /** Ends what the test made. */
  remove?(): Promise<void> | void
}

/** Every `TokenStore` passes these. Call it inside a test file; `make` gives an empty place for each test. */
export function tokenStoreContract(name: string, make: () => Promise<StoreUnderTest> | StoreUnderTest): void {
  const check = (sentence: string, body: Body): void => {
    test(sentence, async () => {
      const clock = manualClock(start)
      const place = await make()
      try {
        await body(place.open({ clock }), clock, place)
      } finally {
        await place.remove?.()
      }
    })
  }
  describe(`${name} keeps the contract of a token store`, () => {
    keeping(check)
    naming(check)
    ordering(check)
    locking(check)
    waiting(check)
    leasing(check)
    unfinished(check)
    prompting(check)
    overtaken(check)
  })
}
