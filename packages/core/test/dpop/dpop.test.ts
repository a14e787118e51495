import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  bearer,
  cached,
  client,
  clientCredentials,
  type DpopToken,
  deviceCode,
  dpop,
  dpopKey,
  loginKey,
  memoryStore,
  type Session,
  session,
  type TokenStore,
} from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { fileStore } from '@latchkey/file-store'
import { type ProtectedApi, type Provider, protectedApi, provider } from '@latchkey/testkit'
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { hasty } from '../issuer/thrown.ts'

let issuer: Provider
let api: ProtectedApi

beforeEach(async () => {
  issuer = await provider({ accessTokenTtl: 3600, dpopNonce: true })
  api = await protectedApi({ verify: (token) => issuer.verify(token) })
})
afterEach(async () => {
  expect(issuer.stats.serverErrors).toEqual([])
  await Promise.all([issuer.close(), api.close()])
})

const options = (): { issuer: string; clientId: string; scope: string } => ({
  issuer: issuer.issuer,
  clientId: 'script',
  scope: 'openid offline_access read',
})

function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-dpop-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'refresh-tokens.json')
}

/** A login as a tool without DPoP leaves it: it is bound at its first refresh. */
async function loggedIn(store: TokenStore = memoryStore()): Promise<Session<DpopToken>> {
  const { refreshToken } = await issuer.issue()
  await store.update(loginKey(options()), async () => ({ refreshToken, tokens: {} }))
  return bound(store)
}

const bound = (store: TokenStore = memoryStore()): Session<DpopToken> => session({ ...options(), store, dpop: true })

/** Checks a proof as a server does (RFC 9449 section 4.3), and gives its claims. */
async function verified(proof: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  const { jwk, typ, alg } = decodeProtectedHeader(proof ?? '')
  expect(typ).toBe('dpop+jwt')
  expect(jwk).not.toHaveProperty('d')
  const { payload } = await jwtVerify(proof ?? '', await importJWK(jwk ?? {}, alg))
  return payload
}

describe('a login bound to a key, at an issuer that wants nonces', () => {
  test('made by the device flow gives DPoP tokens with their key, which the issuer bound to it', async () => {
    const login = bound()
    const { clientId, scope } = login.client
    const made = client({ issuer: issuer.issuer, clientId, scope, clock: hasty, timeoutMs: 2_000_000 })
    const grant = deviceCode(made, { prompt: ({ userCode }) => issuer.approve(userCode) })
    await login.login({ grant })
    const token = await login.getToken()
    expect(token.tokenType).toBe('DPoP')
    expect(issuer.verify(token.accessToken)?.jkt).toBe(await calculateJwkThumbprint(token.key.publicJwk))
    expect(issuer.stats.refreshes).toBe(0)
  })

  test('is refreshed with the same key', async () => {
    const login = await loggedIn()
    const first = await login.getToken()
    const second = await login.getToken({ rejected: first })
    expect(second.accessToken).not.toBe(first.accessToken)
    expect(second.key.publicJwk).toEqual(first.key.publicJwk)
    expect(issuer.stats.refreshes).toBe(2)
  })

  test('is kept as a private JWK by a store on disk, and another process goes on with it', async () => {
    const path = temporaryFile()
    const first = await (await loggedIn(fileStore({ path }))).getToken()
    const other = bound(fileStore({ path }))
    const adopted = await other.getToken()
    expect(adopted.accessToken).toBe(first.accessToken)
    expect(adopted.key.publicJwk).toEqual(first.key.publicJwk)
    const renewed = await other.getToken({ rejected: adopted })
    expect(issuer.verify(renewed.accessToken)?.jkt).toBe(await calculateJwkThumbprint(first.key.publicJwk))
    expect(readFileSync(path, 'utf8')).not.toContain('"d"')
  })

  test('its private half is in no inspect, and not extractable with the memory store', async () => {
    const token = await (await loggedIn()).getToken()
    expect(inspect(token, { depth: 9, showHidden: true })).not.toMatch(/\bd: '|extractable: true/)
    expect(JSON.stringify(token)).not.toContain(token.accessToken)
  })

  test('a login that was not bound becomes so at its next refresh', async () => {
    const store = memoryStore()
    const { refreshToken } = await issuer.issue()
    await store.update(loginKey(options()), async () => ({ refreshToken, tokens: {} }))
    expect((await session({ ...options(), store }).getToken()).tokenType).toBe('Bearer')
    const token = await bound(store).getToken()
    expect(token.tokenType).toBe('DPoP')
    expect(issuer.verify(token.accessToken)?.jkt).toBeDefined()
  })

  test('a machine’s grant is bound too', async () => {
    const service = client({ issuer: issuer.issuer, clientId: 'basic', clientSecret: issuer.clientSecret })
    const token = await cached(clientCredentials(service), { dpop: true }).getToken()
    expect(issuer.verify(token.accessToken)?.jkt).toBe(await calculateJwkThumbprint(token.key.publicJwk))
  })

  test('a grant that gives a Bearer token all the same is refused', async () => {
    const source = cached(async () => ({ token: { accessToken: 'AT', tokenType: 'Bearer' } }), { dpop: true })
    await expect(source.getToken()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  test('bearer refuses its tokens and names dpop', async () => {
    const login = await loggedIn()
    const fetch = withAuth(bearer(login, api.origin))
    await expect(fetch(`${api.origin}/jobs`)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('dpop('),
    })
    expect(api.arrivals).toEqual([])
  })
})

describe('a request with a proof', () => {
  test('binds method, address without query, moment and token, each with a jti of its own', async () => {
    const login = await loggedIn()
    const { accessToken } = await login.getToken()
    const fetch = withAuth(dpop(login, api.origin))
    expect((await fetch(`${api.origin}/jobs?limit=1#part`)).status).toBe(200)
    expect((await fetch(`${api.origin}/jobs`, { method: 'POST', body: 'x' })).status).toBe(200)
    const claims = await Promise.all(api.received('/jobs').map(({ headers }) => verified(headers['dpop'])))
    const [first, second] = [
      ...claims,
      ...(await Promise.all(api.received('/jobs?limit=1').map(({ headers }) => verified(headers['dpop'])))),
    ]
    const all = [first, second].toSorted((a, b) => String(a?.['htm']).localeCompare(String(b?.['htm'])))
    expect(all).toMatchObject([
      { htm: 'GET', htu: `${api.origin}/jobs` },
      { htm: 'POST', htu: `${api.origin}/jobs` },
    ])
    expect(new Set(all.map((claim) => claim?.['jti'])).size).toBe(2)
    expect(api.arrivals.map(({ headers }) => headers['authorization'])).toEqual([
      `DPoP ${accessToken}`,
      `DPoP ${accessToken}`,
    ])
  })

  test.each(['ES256', 'EdDSA'] as const)('signed with %s holds', async (algorithm) => {
    const key = await dpopKey({ algorithm })
    const token: DpopToken = { accessToken: 'AT', tokenType: 'DPoP', key }
    const plain = await protectedApi({ verify: () => true })
    onTestFinished(() => plain.close())
    await withAuth(dpop({ getToken: async () => token }, plain.origin))(`${plain.origin}/jobs`)
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from('AT'))).toString('base64url')
    expect(await verified(plain.arrivals[0]?.headers['dpop'])).toMatchObject({ ath: hash })
  })

  test('and its token reach allowed origins only, and each hop has a proof of its own', async () => {
    const login = await loggedIn()
    const other = await protectedApi({ verify: () => true })
    onTestFinished(() => other.close())
    const fetch = withAuth(dpop(login, api.origin))
    const target = encodeURIComponent(`${api.origin}/there`)
    await fetch(`${api.origin}/redirect/302?to=${target}`)
    const away = encodeURIComponent(`${other.origin}/away`)
    await fetch(`${api.origin}/redirect/302?to=${away}`)
    const [, there] = api.arrivals
    expect((await verified(there?.headers['dpop']))['htu']).toBe(`${api.origin}/there`)
    for (const { headers } of other.arrivals) {
      expect(headers['dpop']).toBeUndefined()
      expect(headers['authorization']).toBeUndefined()
    }
    expect(other.arrivals).toHaveLength(1)
  })
})
