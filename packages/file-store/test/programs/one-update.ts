// One rotation of the login that is there, and how it ended. `plain`: a new login instead.
import { writeSync } from 'node:fs'
import { fileStore } from '@latchkey/file-store'

const [path = '', how = 'rotate', next = 'rt-2'] = process.argv.slice(2)
const store = fileStore({ path })
const key = { issuer: 'https://iam.example.org', clientId: 'a-script' }

try {
  await store.update(key, async (current, lease) => {
    if (how === 'plain') return { refreshToken: next, tokens: {} }
    const answered = await lease.spend(current?.refreshToken ?? '', '')
    writeSync(1, 'spent\n')
    await answered(JSON.stringify({ refresh_token: next }))
    return { refreshToken: next, tokens: {} }
  })
  writeSync(1, 'stored\n')
} catch (error) {
  writeSync(1, `${(error as { code?: string }).code}: ${(error as Error).message}\n`)
}
