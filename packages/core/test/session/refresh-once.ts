// A script of a user: one refresh, then nothing more to do. It must end by itself and say nothing of secrets.
import { memoryStore, session } from '@latchkey/core'

const [issuer = ''] = process.argv.slice(2)
const key = { issuer, clientId: 'c' }
const store = memoryStore()
await store.update(key, async () => ({ refreshToken: 'RT1', tokens: {} }))
const { tokenType } = await session({ ...key, clientSecret: 'planted-secret', store }).getToken()
process.stdout.write(tokenType)
