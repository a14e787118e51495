// node examples/got.ts: a got instance that stays logged in, over pages, retries and streams.
import { authErrorOf, bearer, memoryStore, session } from '@latchkey/core'
import { withAuth } from '@latchkey/got'
import { protectedApi, provider } from '@latchkey/testkit'
import got from 'got'

// What stands in for your issuer and your API.
const issuer = await provider()
const server = await protectedApi({ verify: issuer.verify })
const { refreshToken } = await issuer.issue()

// In your program: session({ issuer, clientId, store: fileStore() }), after `npx @latchkey/cli login`.
const key = { issuer: issuer.issuer, clientId: 'script' }
const store = memoryStore()
await store.update(key, async () => ({ refreshToken, tokens: {} }))
const login = session({ ...key, store })

const api = got.extend(withAuth(bearer(login, server.origin)), { prefixUrl: server.origin, responseType: 'json' })

try {
  const { statusCode, body } = await api<{ ok: boolean }>('jobs')
  console.log('GET /jobs:', statusCode, body)

  issuer.withdraw((await login.getToken()).accessToken)
  console.log(
    'POST /jobs, after the token was withdrawn:',
    (await api.post('jobs', { json: { name: 'one' } })).statusCode,
  )
  console.log(`  the API saw it ${server.received('/jobs').length - 1} times, each with the body that was given`)

  const pages = await api.paginate.all<number>('jobs?page=1', {
    pagination: {
      transform: ({ url }) => [Number(new URL(url).searchParams.get('page'))],
      paginate: ({ currentItems: [page = 3] }) => page < 3 && { searchParams: { page: page + 1 } },
    },
  })
  console.log('pages:', pages.join(', '))

  let bytes = 0
  for await (const chunk of api.stream('bytes/100000')) bytes += (chunk as Uint8Array).length
  console.log(`a stream of ${bytes} bytes; ${issuer.stats.refreshes} refreshes in all`)

  await login.logout()
  const error: unknown = await api('jobs').catch((reason: unknown) => reason)
  console.log(`after a logout: ${authErrorOf(error)?.code}: ${authErrorOf(error)?.message}`)
} finally {
  await Promise.all([issuer.close(), server.close()])
}
