// One rotation from rt-1 to rt-2 of the login that is there, and how it ended. `plain`: a new login instead.
import { fileStore } from '@latchkey/file-store'

const [path = '', how = 'rotate'] = process.argv.slice(2)
const store = fileStore({ path })
const key = { issuer: 'https://iam.example.org', clientId: 'a-script' }

try {
  await store.update(key, async (current, lease) => {
    if (how === 'plain') return { refreshToken: 'rt-2', tokens: {} }
    const answered = await lease.spend(current?.refreshToken ?? '', '')
    console.log('spent')
    await answered('{"refresh_token":"rt-2"}')
    return { refreshToken: 'rt-2', tokens: {} }
  })
  console.log('stored')
} catch (error) {
  console.log(`${(error as { code?: string }).code}: ${(error as Error).message}`)
}
