// node examples/dpop.ts: tokens that are worth nothing without their key (RFC 9449), at an issuer that wants nonces.
import { dpop, memoryStore, session } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { protectedApi, provider } from '@latchkey/testkit'

// What stands in for your issuer and your API.
const issuer = await provider({ dpopNonce: true })
const api = await protectedApi({ verify: (token) => issuer.verify(token)?.jkt })
const { refreshToken } = await issuer.issue()

// In your program: session({ issuer, clientId, store: fileStore(), dpop: true }), after a login.
const key = { issuer: issuer.issuer, clientId: 'script' }
const store = memoryStore()
await store.update(key, async () => ({ refreshToken, tokens: {} }))
const login = session({ ...key, store, dpop: true })
const fetch = withAuth(dpop(login, api.origin))

try {
  for (const path of ['/jobs', '/nonce/wanted']) {
    console.log(`GET ${path}:`, (await fetch(`${api.origin}${path}`)).status)
  }
  const proofs = api.arrivals.map(({ headers }) => headers['dpop'])
  console.log(
    `${api.arrivals.length} requests with ${new Set(proofs).size} different proofs; the last was asked for a nonce and sent again`,
  )
} finally {
  await Promise.all([issuer.close(), api.close()])
}
