import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { authorizationCode, client, clientCredentials, type Fetch, revoke, tlsClientAuth } from '@latchkey/core'
import { type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { cert, key } from '../issuer/self-signed.ts'
import { thrown } from '../issuer/thrown.ts'

/** A token endpoint that asks for certificates, and knows who came. */
async function certifying() {
  const came: (string | undefined)[] = []
  const forms: string[] = []
  const options = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false }
  const server = createServer(options, (request, response) => {
    came.push((request.socket as TLSSocket).getPeerCertificate().fingerprint256)
    request.on('data', (part) => forms.push(String(part)))
    request.once('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ access_token: 'AT', token_type: 'bearer' }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    return new Promise((resolve) => void server.close(() => resolve()))
  })
  return { origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, came, forms }
}

/** What a user writes: undici's fetch with their certificate. */
function withCertificate(): Fetch {
  const dispatcher = new Agent({ connect: { cert, key, ca: cert } })
  onTestFinished(() => dispatcher.close())
  return (url, init) => undiciFetch(url, { ...init, dispatcher } as never) as Promise<unknown> as Promise<Response>
}

describe('a client that proves itself by its certificate', () => {
  let issuer: ScriptedIssuer
  let tls: Awaited<ReturnType<typeof certifying>>
  beforeEach(async () => {
    tls = await certifying()
    const aliases = { token_endpoint: `${tls.origin}/token`, revocation_endpoint: 5 }
    issuer = await scriptedIssuer([{ request: 'POST /revoke', reply: {} }], {
      metadata: { mtls_endpoint_aliases: aliases },
    })
  })
  afterEach(() => issuer.close())

  test('goes to the address for that, with its certificate, and says who it is', async () => {
    const made = client({
      issuer: issuer.issuer,
      clientId: 'c',
      clientAuthentication: tlsClientAuth(),
      fetch: withCertificate(),
    })
    expect((await clientCredentials(made)()).token.accessToken).toBe('AT')
    expect(tls.came).toEqual([expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)])
    expect(tls.forms).toEqual(['grant_type=client_credentials&client_id=c'])
    expect(issuer.received('/token')).toEqual([])
  })

  test('goes to the ordinary address where none is listed for it', async () => {
    const made = client({ issuer: issuer.issuer, clientId: 'c', clientAuthentication: tlsClientAuth() })
    expect(await revoke(made, 'RT')).toBe(true)
    const receive = async ({ url }: { readonly url: string }): Promise<string> => {
      expect(url).toContain(`${issuer.issuer}/authorize?`)
      return ''
    }
    await thrown(authorizationCode(made, { redirectUri: 'http://127.0.0.1/callback', receive })())
    expect.assertions(2)
  })

  test('is the only one that does', async () => {
    issuer.add({ request: 'POST /token', reply: { body: { access_token: 'AT', token_type: 'bearer' } } })
    await clientCredentials(client({ issuer: issuer.issuer, clientId: 'c', clientSecret: 's' }))()
    expect(tls.came).toEqual([])
  })
})
