// Rotates one login as fast as it can, and says which answers it handed over. Finishes what an earlier one left.
import { writeSync } from 'node:fs'
import { fileStore } from '@latchkey/file-store'

const store = fileStore({ path: process.argv[2] })
const key = { issuer: 'https://iam.example.org', clientId: 'a-script' }
const bringing = (number: number): string => JSON.stringify({ refresh_token: `rt-${number}` })
const numberOf = (refreshToken: string): number => Number(refreshToken.slice('rt-'.length))

await store.update(key, async (current) => {
  if (current?.unfinished === undefined) return current
  const { refresh_token } = JSON.parse(current.unfinished.answer) as { refresh_token: string }
  return { refreshToken: refresh_token, tokens: {} }
})
writeSync(1, 'ready\n')
for (;;) {
  await store.update(key, async (current, lease) => {
    const refreshToken = current?.refreshToken ?? ''
    const answered = await lease.spend(refreshToken, '')
    const next = numberOf(refreshToken) + 1
    await answered(bringing(next))
    writeSync(1, `handed ${next}\n`)
    return { refreshToken: `rt-${next}`, tokens: {} }
  })
}
