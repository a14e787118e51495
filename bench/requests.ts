import { connected, contenders, stubbed } from './clients.ts'
import { compare } from './measure.ts'
import { row, title } from './print.ts'
import { server } from './servers.ts'

/** What a valid token costs a request. */
export async function requests(): Promise<void> {
  title('A request with a valid token (CPU µs of the client, median; ratio of the same round)')
  const stub = 'https://api.example.org'
  for (const [client, goal, pair] of stubbed) {
    const measured = await compare(contenders(pair(stub), `${stub}/jobs`), 41, 4_000)
    for (const [index, { name, microseconds, added }] of measured.entries()) {
      const aim = index === 0 ? undefined : { text: `≤ ${goal} µs more`, met: added <= goal }
      row(`stub: ${client} ${name}`, `${microseconds.toFixed(2)} (+${added.toFixed(2)})`, aim)
    }
  }
  const { origin, stop } = await server()
  try {
    for (const [client, pair] of connected) {
      const measured = await compare(contenders(pair(origin), `${origin}/jobs`), 101, 150)
      for (const [index, { name, microseconds, ratio }] of measured.entries()) {
        const aim = index === 0 ? undefined : { text: '≤ 1.05', met: ratio <= 1.05 }
        row(`keep-alive loopback: ${client} ${name}`, `${microseconds.toFixed(0)} (${ratio.toFixed(3)})`, aim)
      }
    }
  } finally {
    stop()
  }
}
