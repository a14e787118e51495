// node examples/undici.ts: a dispatcher of undici that stays logged in while its tokens end under it.
import { authErrorOf, bearer, memoryStore, session } from '@latchkey/core'
import { protectedApi, provider } from '@latchkey/testkit'
import { withAuth } from '@latchkey/undici'
import { Agent, interceptors, request } from 'undici'

// What stands in for your issuer and your API.
const issuer = await provider()
const server = await protectedApi({ verify: issuer.verify })
const { refreshToken } = await issuer.issue()

// In your program: session({ issuer, clientId, store: fileStore() }), after `npx @latchkey/cli login`.
const key = { issuer: issuer.issuer, clientId: 'script' }
const store = memoryStore()
await store.update(key, async () => ({ refreshToken, tokens: {} }))
const login = session({ ...key, store })

const agent = new Agent()
const redirect = interceptors.redirect({ maxRedirections: 5 })
const dispatcher = agent.compose(withAuth(bearer(login, server.origin)), redirect)

/** The status of one call. Its body is read, so that its connection can be used again. */
async function call(path: string, options: { readonly method?: 'POST'; readonly body?: string } = {}): Promise<number> {
  const { statusCode, body } = await request(server.origin + path, { dispatcher, ...options })
  await body.dump()
  return statusCode
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

  const wrong = agent.compose(redirect, withAuth(bearer(login, server.origin)))
  const refused: unknown = await request(`${server.origin}/jobs`, { dispatcher: wrong }).catch(
    (error: unknown) => error,
  )
  console.log(`in the wrong order: ${authErrorOf(refused)?.code}: ${authErrorOf(refused)?.message}`)

  await login.logout()
  const error: unknown = await call('/jobs').catch((reason: unknown) => reason)
  console.log(`after a logout: ${authErrorOf(error)?.code}: ${authErrorOf(error)?.message}`)
} finally {
  await Promise.all([agent.destroy(), issuer.close(), server.close()])
}
