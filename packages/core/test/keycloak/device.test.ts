import { client, type DevicePrompt, deviceCode, dpopKey } from '@latchkey/core'
import { expect, test } from 'vitest'
import { hasty } from '../issuer/thrown.ts'
import { claimsOf, onKeycloak, told } from './real-keycloak.ts'

onKeycloak('the device flow', (at) => {
  const scope = 'openid offline_access'
  const made = (clientId: string, clientSecret?: string) =>
    client({ issuer: at.issuer, clientId, clientSecret, scope, clock: hasty, timeoutMs: 2_000_000 })
  const prompt = ({ verificationUriComplete = '' }: DevicePrompt): Promise<void> => at.approve(verificationUriComplete)

  test('approved at its own pages brings an offline token and the verified identity', async () => {
    const shown: DevicePrompt[] = []
    const set = await deviceCode(made('script'), {
      prompt: (device) => {
        shown.push(device)
        return prompt(device)
      },
    })()
    expect(shown).toEqual([
      {
        userCode: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
        verificationUri: `${at.issuer}/device`,
        verificationUriComplete: `${at.issuer}/device?user_code=${shown[0]?.userCode}`,
        expiresAt: expect.any(Number),
      },
    ])
    expect(set.idTokenClaims).toMatchObject({ iss: at.issuer, aud: 'script', preferred_username: 'marie' })
    expect(set.scope?.split(' ')).toEqual(expect.arrayContaining(['openid', 'offline_access']))
    expect(claimsOf(set.refreshToken)).toMatchObject({ typ: 'Offline', iss: at.issuer })
    expect(claimsOf(set.refreshToken)).not.toHaveProperty('exp')
  })

  test('with a proof key is what a client gets that must have one', async () => {
    const set = await deviceCode(made('script-pkce'), { prompt, pkce: true })()
    expect(set.idTokenClaims).toMatchObject({ aud: 'script-pkce' })
  })

  test('without the proof key that is demanded says what is missing', async () => {
    expect(await told(deviceCode(made('script-pkce'), { prompt })())).toBe('?')
  })

  test('with a DPoP key brings bound tokens', async () => {
    const key = await dpopKey()
    const set = await deviceCode(made('dpop'), { prompt })({ dpopKey: key })
    expect(set.token.tokenType).toBe('DPoP')
    expect(claimsOf(set.token.accessToken)).toMatchObject({ cnf: { jkt: expect.any(String) } })
  })

  test('of a confidential client proves itself at both endpoints', async () => {
    const set = await deviceCode(made('secret', at.clientSecret), { prompt })()
    expect(set.idTokenClaims).toMatchObject({ aud: 'secret' })
    expect(await thrown(deviceCode(made('secret', 'wrong'), { prompt })())).toMatchObject({
      code: 'CONFIG_INVALID',
      message: '?',
    })
  })

  test('denied at its pages is LOGIN_DENIED', async () => {
    const deny = ({ verificationUriComplete = '' }: DevicePrompt): Promise<void> =>
      at.approve(verificationUriComplete, { deny: true })
    expect(await told(deviceCode(made('script'), { prompt: deny })())).toBe('?')
  })

  test('of a client that may not use it is CONFIG_INVALID, though Keycloak calls it invalid_grant', async () => {
    const clientId = await at.client({ publicClient: true })
    expect(await told(deviceCode(made(clientId), { prompt })())).toBe('?')
  })

  test('of an unknown client is CONFIG_INVALID', async () => {
    expect(await told(deviceCode(made('nobody'), { prompt })())).toBe('?')
  })

  test('whose code ends unused is LOGIN_EXPIRED', async () => {
    const clientId = await at.client({
      publicClient: true,
      attributes: { 'oauth2.device.authorization.grant.enabled': 'true', 'oauth2.device.code.lifespan': '3' },
    })
    expect(await told(deviceCode(client({ issuer: at.issuer, clientId }), { prompt: () => undefined })())).toBe('?')
  })
})
