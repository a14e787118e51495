// node examples/fetch.ts: a fetch that stays logged in while its tokens end under it, alone and inside ky.
import { authErrorOf, bearer, memoryStore, session } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { protectedApi, provider } from '@latchkey/testkit'
import ky from 'ky'

// What stands in for your issuer and your API.
const issuer = await provider()
const server = await protectedApi({ verify: issuer.verify })
const { refreshToken } = await issuer.issue()

// In your program: session({ issuer, clientId, store: fileStore() }), after `npx @latchkey/cli login`.
const key = { issuer: issuer.issuer, clientId: 'script' }
const store = memoryStore()
await store.update(key, async () => ({ refreshToken, tokens: {} }))
const login = session({ ...key, store })

const fetch = withAuth(bearer(login, server.origin))

/** The status of one call. Its body is read, so that its connection can be used again. */
async function call(path: string, init?: RequestInit): Promise<number> {
  const response = await fetch(server.origin + path, init)
  await response.text()
  return response.status
}

try {
  console.log('GET /jobs:', await call('/jobs'))

  issuer.withdraw((await login.getToken()).accessToken)
  const posted = await call('/jobs', { method: 'POST', body: '{"name":"one"}' })
  console.log('POST /jobs, after the token was withdrawn:', posted)
  console.log(`  the API saw it ${server.received('/jobs').length - 1} times, each with the body that was given`)

  console.log('GET through a redirect:', await call('/redirect/302?to=/jobs/1'))

  const many = await Promise.all(Array.from({ length: 50 }, (_, job) => call(`/jobs/${job}`)))
  const good = many.filter((status) => status === 200).length
  console.log(`50 at a time: ${good} good, ${issuer.stats.refreshes} refreshes`)

  const api = ky.create({ fetch })
  const { status } = await api.post(`${server.origin}/echo`, { json: { name: 'two' } })
  console.log('POST inside ky:', status)

  await login.logout()
  const error: unknown = await call('/jobs').catch((reason: unknown) => reason)
  console.log(`after a logout: ${authErrorOf(error)?.code}: ${authErrorOf(error)?.message}`)
} finally {
  await Promise.all([issuer.close(), server.close()])
}
