// The adapters as a consumer writes them; each instance keeps its type.
import assert from 'node:assert/strict'
import { withAuth as withAuthAxios } from '@latchkey/axios'
import { bearer, type DpopToken, dpop, dpopKey, staticToken, type TokenSource } from '@latchkey/core'
import { withAuth as withAuthGot } from '@latchkey/got'
import { type Backend, connect } from '@latchkey/openeo'
import { storedBackend } from '@latchkey/openeo/known-backends'
import { withAuth as withAuthUndici } from '@latchkey/undici'
import axios, { type AxiosInstance } from 'axios'
import got from 'got'
import { Agent, type Dispatcher, request } from 'undici'

interface Carried {
  readonly authorization: string
}

/** Sends a token through each client, and a proof. */
async function adaptersArrive(origin: string): Promise<void> {
  const authorizer = bearer(staticToken('planted-token'), origin)
  const expected: Carried = { authorization: 'Bearer planted-token' }

  const instance: AxiosInstance = withAuthAxios(authorizer, axios.create({ baseURL: origin }))
  assert.deepEqual((await instance.get<Carried>('/whoami')).data, expected)

  const api = got.extend(withAuthGot(authorizer), { responseType: 'json', resolveBodyOnly: true })
  const body: Carried = await api<Carried>(`${origin}/whoami`)
  assert.deepEqual(body, expected)

  const dispatcher: Dispatcher = new Agent().compose(withAuthUndici(authorizer))
  assert.deepEqual(await (await request(`${origin}/whoami`, { dispatcher })).body.json(), expected)

  const token: DpopToken = { accessToken: 'planted-token', tokenType: 'DPoP', key: await dpopKey() }
  const bound: TokenSource<DpopToken> = { getToken: async () => token }
  const proven = withAuthAxios(dpop(bound, origin), axios.create())
  assert.deepEqual((await proven.get<Carried>(`${origin}/whoami`)).data, { authorization: 'DPoP planted-token' })
}

/** What is no back-end is told in one line, and files that say nothing of one are no error. */
async function noBackendAt(origin: string): Promise<void> {
  const connected: Promise<Backend> = connect(origin)
  await assert.rejects(connected, { name: 'AuthError', code: 'RESPONSE_INVALID' })
  assert.equal(await storedBackend('openeo.example.org'), undefined)
}

await noBackendAt(process.argv[2] ?? '')
await adaptersArrive(process.argv[2] ?? '')
console.log(`ok ${process.version}`)
