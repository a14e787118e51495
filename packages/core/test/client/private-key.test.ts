import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { client, clientCredentials, type PrivateKey, type PrivateKeyOptions, privateKeyJwt } from '@latchkey/core'
import { provider, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

let issuer: ScriptedIssuer
beforeEach(async () => {
  issuer = await scriptedIssuer([
    { request: 'POST /token', reply: { body: { access_token: 'AT', token_type: 'bearer' } } },
  ])
})
afterEach(() => issuer.close())

async function asserted(key: PrivateKey, options?: PrivateKeyOptions): Promise<string> {
  const clientAuthentication = privateKeyJwt(key, options)
  await clientCredentials(client({ issuer: issuer.issuer, clientId: 'c', clientAuthentication }))()
  return issuer.received('/token')[0]?.form['client_assertion'] ?? ''
}

const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

describe('a private key as PEM', () => {
  test.each<[string, () => { privateKey: KeyObject; publicKey: KeyObject }, PrivateKeyOptions, string]>([
    ['RSA', () => rsa, {}, 'RS256'],
    ['RSA', () => rsa, { algorithm: 'PS384' }, 'PS384'],
    ['P-256', () => ec('P-256'), {}, 'ES256'],
    ['P-384', () => ec('P-384'), {}, 'ES384'],
    ['P-521', () => ec('P-521'), {}, 'ES512'],
    ['Ed25519', () => generateKeyPairSync('ed25519'), {}, 'Ed25519'],
  ])('of the kind %s signs', async (_, pair, options, alg) => {
    const { privateKey, publicKey } = pair()
    const assertion = await asserted(`# of the client\n${pkcs8(privateKey)}`, { kid: 'k1', ...options })
    expect(decodeProtectedHeader(assertion)).toMatchObject({ alg, kid: 'k1' })
    const { payload } = await jwtVerify(assertion, publicKey)
    expect(payload).toMatchObject({ iss: 'c', sub: 'c', aud: issuer.issuer })
  })

  test('proves a client to an OpenID provider', async () => {
    const at = await provider()
    onTestFinished(() => at.close())
    const pem = pkcs8(createPrivateKey({ key: at.privateKey, format: 'jwk' }))
    const clientAuthentication = privateKeyJwt(pem, { kid: 'client-key' })
    const set = await clientCredentials(client({ issuer: at.issuer, clientId: 'key-jwt', clientAuthentication }))()
    expect(at.verify(set.token.accessToken)).toMatchObject({ clientId: 'key-jwt' })
  })

  test('has no id unless it is given', async () => {
    expect(decodeProtectedHeader(await asserted(pkcs8(ec('P-256').privateKey)))).not.toHaveProperty('kid')
  })

  const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const
  const legacy = { type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const
  const convert = 'openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW'
  test.each<[string, () => string | Buffer, string]>([
    ['PKCS#1', () => rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }), convert],
    ['SEC1', () => ec('P-256').privateKey.export({ type: 'sec1', format: 'pem' }), convert],
    ['encrypted', () => rsa.privateKey.export(encrypted), 'is encrypted'],
    ['encrypted, as OpenSSL did it once', () => rsa.privateKey.export(legacy), 'is encrypted'],
    ['the public half', () => rsa.publicKey.export({ type: 'spki', format: 'pem' }), 'is the public half'],
    ['of OpenSSH', () => '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----', 'ssh-keygen'],
    ['a certificate', () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'is a certificate'],
    ['of another kind', () => pkcs8(generateKeyPairSync('x25519').privateKey), 'cannot be used'],
    ['no base64', () => '-----BEGIN PRIVATE KEY-----\n%%%\n-----END PRIVATE KEY-----', 'is damaged'],
    ['cut', () => pkcs8(rsa.privateKey).replace(/\n[^\n]+\n[^\n]+\n-----END/, '\n-----END'), 'is damaged'],
    ['the name of a file', () => '/etc/client.key', 'not the name of its file'],
    ['empty', () => '', 'is no PEM text'],
  ])('that is %s is CONFIG_INVALID, and is not repeated', async (_, make, says) => {
    const text = make().toString()
    const error = await thrown(asserted(text))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(says)
    for (const line of text.split('\n').filter((one) => one.length > 60)) expect(error.message).not.toContain(line)
    expect(issuer.received('/token')).toEqual([])
  })
})
