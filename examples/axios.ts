// node examples/axios.ts: an axios instance that stays logged in while its tokens end under it.
import { withAuth, withoutAuth } from '@latchkey/axios'
import { authErrorOf, bearer, memoryStore, session } from '@latchkey/core'
import { protectedApi, provider } from '@latchkey/testkit'
import axios from 'axios'

// What stands in for your issuer and your API.
const issuer = await provider()
const server = await protectedApi({ verify: issuer.verify })
const { refreshToken } = await issuer.issue()

// In your program: session({ issuer, clientId, store: fileStore() }), after `npx @latchkey/cli login`.
const key = { issuer: issuer.issuer, clientId: 'script' }
const store = memoryStore()
await store.update(key, async () => ({ refreshToken, tokens: {} }))
const login = session({ ...key, store })

const api = withAuth(bearer(login, server.origin), axios.create({ baseURL: server.origin }))

try {
  console.log('GET /jobs:', (await api.get('/jobs')).status)

  issuer.withdraw((await login.getToken()).accessToken)
  console.log('POST /jobs, after the token was withdrawn:', (await api.post('/jobs', { name: 'one' })).status)
  console.log(`  the API saw it ${server.received('/jobs').length - 1} times, each with the body that was given`)

  console.log('GET through a redirect:', (await api.get('/redirect/302?to=/jobs/1')).status)

  const many = await Promise.all(Array.from({ length: 50 }, (_, job) => api.get(`/jobs/${job}`)))
  console.log(
    `50 at a time: ${many.filter(({ status }) => status === 200).length} good, ${issuer.stats.refreshes} refreshes`,
  )

  await login.logout()
  const error: unknown = await api.get('/jobs').catch((reason: unknown) => reason)
  console.log(`after a logout: ${authErrorOf(error)?.code}: ${authErrorOf(error)?.message}`)

  withoutAuth(api)
  const bare = await api.get('/jobs', { validateStatus: null })
  console.log('without us:', bare.status)
} finally {
  await Promise.all([issuer.close(), server.close()])
}
