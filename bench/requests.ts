import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bearer, staticToken } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { type Contender, compare } from './measure.ts'
import { row, title } from './print.ts'

const token = staticToken('a-token-of-a-usual-length-0123456789abcdef0123456789abcdef')

interface Server {
  readonly origin: string
  stop(): void
}

/** The other side in a process of its own: its time is not ours. */
function server(): Promise<Server> {
  const child = fork(fileURLToPath(import.meta.resolve('./server.ts')))
  return new Promise((resolve) => {
    child.once('message', (origin: string) => resolve({ origin, stop: () => child.kill() }))
  })
}

async function contenders(origin: string, send: typeof globalThis.fetch): Promise<readonly Contender[]> {
  const { accessToken } = await token.getToken()
  const url = `${origin}/jobs`
  const authorized = withAuth(bearer(token, origin), send)
  return [
    {
      name: 'fetch with a hand-written header',
      run: async (times) => {
        for (let i = 0; i < times; i++) {
          await (await send(url, { headers: { authorization: `Bearer ${accessToken}` } })).text()
        }
      },
    },
    {
      name: 'the same through withAuth(bearer(…))',
      run: async (times) => {
        for (let i = 0; i < times; i++) await (await authorized(url)).text()
      },
    },
  ]
}

/** What a valid token costs a request. */
export async function requests(): Promise<void> {
  title('A request with a valid token (CPU µs of the client, median; ratio of the same round)')
  const stubbed = await contenders('https://api.example.org', async () => new Response('{}'))
  for (const { name, microseconds, added } of await compare(stubbed, 41, 5_000)) {
    const goal = name.startsWith('the same') ? { text: '≤ 2 µs more', met: added <= 2 } : undefined
    row(`stub: ${name}`, `${microseconds.toFixed(2)} (+${added.toFixed(2)})`, goal)
  }
  const { origin, stop } = await server()
  try {
    const real = await contenders(origin, globalThis.fetch)
    for (const { name, microseconds, ratio } of await compare(real, 41, 400)) {
      const goal = name.startsWith('the same') ? { text: '≤ 1.05', met: ratio <= 1.05 } : undefined
      row(`keep-alive loopback: ${name}`, `${microseconds.toFixed(0)} (${ratio.toFixed(3)})`, goal)
    }
  } finally {
    stop()
  }
}
