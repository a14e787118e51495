import { type DpopToken, dpop, dpopKey } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { type Contender, compare } from './measure.ts'
import { row, title } from './print.ts'

const origin = 'https://api.example.org'

async function contenders(): Promise<readonly Contender[]> {
  const key = await dpopKey()
  const token: DpopToken = { accessToken: 'a-token-of-a-usual-length-0123456789abcdef', tokenType: 'DPoP', key }
  const stub: typeof globalThis.fetch = async () => new Response('{}')
  const fetch = withAuth(dpop({ getToken: async () => token }, origin), stub)
  // As long as what a proof signs.
  const input = new TextEncoder().encode('x'.repeat(460))
  return [
    {
      name: 'one ES256 signature by WebCrypto, and a bare request on a stub',
      run: async (times) => {
        for (let i = 0; i < times; i++) {
          await key.sign(input)
          await (await stub(origin)).text()
        }
      },
    },
    {
      name: 'a request with a proof, on the same stub',
      run: async (times) => {
        for (let i = 0; i < times; i++) await (await fetch(`${origin}/jobs`)).text()
      },
    },
  ]
}

/** What a proof costs a request: a signature cannot be kept, the rest should be next to nothing. */
export async function proofs(): Promise<void> {
  title('A request with a proof of possession (CPU µs, median; ratio of the same round)')
  for (const { name, microseconds, ratio } of await compare(await contenders(), 31, 500)) {
    const goal = name.startsWith('a request') ? { text: '≤ 1.3', met: ratio <= 1.3 } : undefined
    row(name, `${microseconds.toFixed(0)} (${ratio.toFixed(2)})`, goal)
  }
}
