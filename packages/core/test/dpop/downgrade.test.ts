import { loginKey, memoryStore, session } from '@latchkey/core'
import { type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, describe, expect, test } from 'vitest'

let issuer: ScriptedIssuer
afterEach(() => issuer.close())

const tokens = (tokenType: string, more: object = {}): Reply => ({
  body: { access_token: 'AT', token_type: tokenType, expires_in: 3600, refresh_token: 'RT2', ...more },
})

async function login(replies: readonly Reply[]): Promise<ReturnType<typeof bound>> {
  issuer = await scriptedIssuer(replies.map((reply) => ({ request: 'POST /token', reply })))
  const store = memoryStore()
  await store.update(key(), async () => ({ refreshToken: 'RT1', tokens: {} }))
  return bound(store)
}

const key = (): ReturnType<typeof loginKey> => loginKey({ issuer: issuer.issuer, clientId: 'c' })

const bound = (store: ReturnType<typeof memoryStore>) => ({ store, source: session({ ...key(), store, dpop: true }) })

describe('an issuer that is asked for bound tokens (RFC 9449 section 5)', () => {
  test('and gives a Bearer token is refused, and its refresh token kept', async () => {
    const { store, source } = await login([tokens('Bearer')])
    await expect(source.getToken()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(await store.get(key())).toMatchObject({ refreshToken: 'RT2', tokens: {} })
  })

  test('may write the scheme as it likes', async () => {
    const { source } = await login([tokens('dpop')])
    expect(await source.getToken()).toMatchObject({ tokenType: 'DPoP', key: { algorithm: 'ES256' } })
  })

  test('is sent a proof with its nonce once it asks for one, in lower or upper case, and no third time', async () => {
    const demand = (error: string, nonce: string): Reply => ({
      status: 400,
      headers: { 'dpop-nonce': nonce },
      body: { error },
    })
    const { source } = await login([demand('USE_DPOP_NONCE', 'n1'), tokens('DPoP')])
    expect((await source.getToken()).tokenType).toBe('DPoP')
    const nonces = issuer.received('/token').map(({ headers }) => {
      const payload = String(headers['dpop']).split('.')[1] ?? ''
      return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { nonce?: string }).nonce
    })
    expect(nonces).toEqual([undefined, 'n1'])
    await issuer.close()
    const endless = await login([demand('use_dpop_nonce', 'n1'), demand('use_dpop_nonce', 'n2')])
    await expect(endless.source.getToken()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(issuer.received('/token')).toHaveLength(2)
    expect(issuer.unexpected).toEqual([])
  })
})

test('an issuer that gives a bound token to a session without a key is refused', async () => {
  issuer = await scriptedIssuer([{ request: 'POST /token', reply: tokens('DPoP') }])
  const store = memoryStore()
  await store.update(key(), async () => ({ refreshToken: 'RT1', tokens: {} }))
  await expect(session({ ...key(), store }).getToken()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
})
