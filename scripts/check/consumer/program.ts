// What a consumer's program uses of the three packages, against an issuer and an API on loopback. Run from the packed tarballs.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Authorizer,
  bearer,
  type Client,
  cached,
  client,
  clientCredentials,
  type Grant,
  memoryStore,
  session,
  staticToken,
  type Token,
  type TokenSource,
  type TokenStore,
} from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { fileStore } from '@latchkey/file-store'

let exchanges = 0

function answer(request: IncomingMessage, origin: string): unknown {
  if (request.url === '/whoami') return { authorization: request.headers.authorization }
  if (request.url?.startsWith('/.well-known/')) return { issuer: origin, token_endpoint: `${origin}/token` }
  if (request.url === '/token') return { access_token: `T${++exchanges}`, token_type: 'Bearer', expires_in: 3600 }
  return undefined
}

async function listening(): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer((request, response) => {
    const body = answer(request, `http://${request.headers.host}`)
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function arrives(source: TokenSource, origin: string, token: string): Promise<void> {
  const authorizer: Authorizer = bearer(source, origin)
  const response = await withAuth(authorizer)(`${origin}/whoami`)
  assert.deepEqual(await response.json(), { authorization: `Bearer ${token}` })
}

function login(origin: string, store: TokenStore): TokenSource {
  const machine = (made: Client): Grant => clientCredentials(made)
  return session({ issuer: origin, clientId: 'consumer', clientSecret: 'planted', store, renew: machine })
}

const { server, origin } = await listening()
try {
  await arrives(staticToken('planted-token'), origin, 'planted-token')

  const machine = client({ issuer: origin, clientId: 'consumer', clientSecret: 'planted' })
  const source: TokenSource = cached(clientCredentials(machine))
  const token: Token = await source.getToken()
  assert.equal(token.accessToken, 'T1')
  await arrives(source, origin, 'T1')

  await arrives(login(origin, memoryStore()), origin, 'T2')

  const store = fileStore()
  await arrives(login(origin, store), origin, 'T3')
  await arrives(login(origin, fileStore()), origin, 'T3')
  const keys: string[] = []
  for await (const key of store.keys()) keys.push(key.clientId)
  assert.deepEqual(keys, ['consumer'])
  console.log(`ok ${process.version}`)
} finally {
  server.close()
}
