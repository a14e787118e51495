// node examples/openeo-js-client.ts: a batch job with @openeo/js-client, which stays logged in while its token ends.
import { setTimeout as delay } from 'node:timers/promises'
import { memoryStore } from '@latchkey/core'
import { withAuth } from '@latchkey/openeo/js-client'
import { openeoBackend, provider } from '@latchkey/testkit'
import { OpenEO } from '@openeo/js-client'

// What stands in for your back-end, its provider of logins, and the login that you have made there once.
const issuer = await provider({ accessTokenTtl: 60 })
const grants = ['urn:ietf:params:oauth:grant-type:device_code+pkce', 'refresh_token']
const egi = { id: 'egi', issuer: issuer.issuer, title: 'EGI', default_clients: [{ id: 'script', grant_types: grants }] }
const server = await openeoBackend({ providers: [egi], verify: issuer.verify })
const store = memoryStore()
const { refreshToken } = await issuer.issue({ login: 'marie' })
await store.update({ issuer: issuer.issuer, clientId: 'script' }, async () => ({ refreshToken, tokens: {} }))

try {
  // In your program: no `store`. The login is then the one of `npx @latchkey/cli oidc-auth`, or of Python's.
  const connection = await OpenEO.connect(server.url)
  const { source } = await withAuth(connection, {
    store,
    prompt: ({ verificationUri, userCode }) => console.error(`Visit ${verificationUri} and enter ${userCode}`),
  })
  console.log('Hello,', (await connection.describeAccount()).user_id)

  const builder = await connection.buildProcess('add')
  const job = await connection.createJob(builder.process('add', { x: 1, y: 2 }), 'a sum')
  await job.startJob()
  issuer.withdraw((await source.getToken()).accessToken)
  while (!['finished', 'error', 'canceled'].includes(job.status ?? '')) {
    await delay(100)
    await job.describeJob()
  }
  const results = await job.listResults()
  console.log(`The job is ${job.status}, with ${results.length} results.`)

  const used = new Set(server.arrivals.flatMap(({ headers }) => headers['authorization'] ?? []))
  console.log(`Its token was withdrawn on the way: ${used.size} tokens were used, and js-client noticed nothing.`)
} finally {
  await Promise.all([issuer.close(), server.close()])
}
