import { cached, memoryStore, session } from '@latchkey/core'
import { manualClock } from '@latchkey/testkit'
import { type TokenSourceBench, tokenSourceContract } from '@latchkey/testkit/contracts/token-source'
import { keyOf, put, rotatingIssuer } from './rotating-issuer.ts'

/** A login over a rotating issuer, as one of its sources. */
async function bench(
  source: (login: ReturnType<typeof session>) => TokenSourceBench['source'],
): Promise<TokenSourceBench> {
  const issuer = await rotatingIssuer()
  const clock = manualClock()
  const store = memoryStore({ clock })
  await put(store, issuer)
  const login = session({ ...keyOf(issuer), store, clock })
  return {
    source: source(login),
    exchanges: () => issuer.sent.length,
    expire: () => clock.advance(3_600_000),
    slow: (ms) => {
      issuer.delay = ms
    },
    close: () => issuer.close(),
  }
}

tokenSourceContract('session', { make: () => bench((login) => login) })
tokenSourceContract('a narrowed session', { make: () => bench((login) => login.narrow({ scope: 'read' })) })

tokenSourceContract('cached', {
  make: () => {
    const clock = manualClock()
    let exchanges = 0
    let delay = 0
    const source = cached(
      async () => {
        exchanges += 1
        const accessToken = `t${exchanges}`
        await new Promise((resolve) => setTimeout(resolve, delay))
        return { token: { accessToken, tokenType: 'Bearer', expiresAt: clock.now() + 3_600_000 } }
      },
      { clock },
    )
    return {
      source,
      exchanges: () => exchanges,
      expire: () => clock.advance(3_600_000),
      slow: (ms) => {
        delay = ms
      },
    }
  },
})
