// node examples/openeo-job.ts: list collections, run a batch job and load its results, while tokens end after a second.
import { setTimeout as delay } from 'node:timers/promises'
import { memoryStore } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { connect } from '@latchkey/openeo'
import { openeoBackend, provider } from '@latchkey/testkit'

// What stands in for your back-end, its provider of logins, and the login that you have made there once.
const issuer = await provider({ accessTokenTtl: 1 })
const grants = ['urn:ietf:params:oauth:grant-type:device_code+pkce', 'refresh_token']
const egi = { id: 'egi', issuer: issuer.issuer, title: 'EGI', default_clients: [{ id: 'script', grant_types: grants }] }
const server = await openeoBackend({ providers: [egi], verify: issuer.verify, jobPolls: 6 })
const store = memoryStore()
const { refreshToken } = await issuer.issue({ login: 'marie' })
await store.update({ issuer: issuer.issuer, clientId: 'script' }, async () => ({ refreshToken, tokens: {} }))

// In your program: connect('openeo.example.org'). The login is then the one of `npx @latchkey/cli oidc-auth`, or of Python's.
const backend = await connect(server.url, { store })
const { authorizer, choice } = await backend.authenticate({
  prompt: ({ verificationUri, userCode }) => console.error(`Visit ${verificationUri} and enter ${userCode}`),
})
const fetch = withAuth(authorizer)

/** Asks the back-end, and fails with what it says. */
async function ask(path: string, method = 'GET', body?: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) }
  const response = await fetch(backend.root + path, init)
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response
}

/** The JSON that it answers. */
async function get<T>(path: string): Promise<T> {
  return (await (await ask(path)).json()) as T
}

const june = {
  process_graph: {
    load: {
      process_id: 'load_collection',
      arguments: {
        id: 'SENTINEL2_L2A',
        spatial_extent: { west: 5, south: 51, east: 5.1, north: 51.1 },
        temporal_extent: ['2026-06-01', '2026-07-01'],
        bands: ['B04', 'B08'],
      },
    },
    save: { process_id: 'save_result', arguments: { data: { from_node: 'load' }, format: 'JSON' }, result: true },
  },
}

try {
  console.log(`Connected to ${backend.root} (openEO ${backend.apiVersion}).`)
  for (const reason of choice?.reasons ?? []) console.log(`  ${reason}`)

  const { collections } = await get<{ collections: { id: string }[] }>('/collections')
  console.log('Collections:', collections.map(({ id }) => id).join(', '))

  const created = await ask('/jobs', 'POST', { title: 'Red and near infrared in June', process: june })
  const id = created.headers.get('openeo-identifier') ?? ''
  await ask(`/jobs/${id}/results`, 'POST')
  for (let status = ''; status !== 'finished'; ) {
    await delay(300)
    const job = await get<{ status: string }>(`/jobs/${id}`)
    if (['error', 'canceled'].includes(job.status)) throw new Error(`The job ended with ${job.status}.`)
    if (job.status !== status) console.log(`The job is ${job.status}.`)
    status = job.status
  }

  const { assets } = await get<{ assets: Record<string, { href: string }> }>(`/jobs/${id}/results`)
  for (const [name, { href }] of Object.entries(assets)) {
    const result = await (await fetch(href)).arrayBuffer()
    console.log(`  ${name}: ${result.byteLength} bytes from ${new URL(href).origin}`)
  }

  const used = new Set(server.arrivals.flatMap(({ headers }) => headers['authorization'] ?? []))
  console.log(`${used.size} tokens were used on the way, and ${issuer.stats.refreshes} were renewed.`)
  const leaked = server.external.arrivals.filter(({ headers }) => headers['authorization'] !== undefined)
  console.log(`${server.external.arrivals.length} results lay elsewhere; ${leaked.length} requests took a token there.`)
} finally {
  await Promise.all([issuer.close(), server.close()])
}
