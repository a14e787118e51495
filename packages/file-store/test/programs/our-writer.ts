// Rotates a login of its own again and again, and counts what was not there afterwards.
import { writeSync } from 'node:fs'
import { fileStore } from '@latchkey/file-store'

const [path = '', name = '', seconds = ''] = process.argv.slice(2)
const store = fileStore({ path })
const key = { issuer: 'https://ours.example.org', clientId: name }
const value = (count: number): string => `${name}-${String(count).padStart(6, '0')}`

await store.update(key, async () => ({ refreshToken: value(0), tokens: {} }))
let stored = 0
let lost = 0
const errors: string[] = []
const end = Date.now() + Number(seconds) * 1_000
while (Date.now() < end) {
  try {
    const result = await store.update(key, async (current, lease) => {
      if (current?.refreshToken !== value(stored)) lost++
      await (await lease.spend(current?.refreshToken ?? '', ''))(JSON.stringify({ refresh_token: value(stored + 1) }))
      return { refreshToken: value(stored + 1), tokens: {} }
    })
    stored++
    if (result?.refreshToken !== value(stored)) lost++
  } catch (error) {
    errors.push((error as Error).message)
  }
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 10))
}
if ((await store.get(key))?.refreshToken !== value(stored)) lost++
writeSync(1, `${JSON.stringify({ stored, lost, errors })}\n`)
