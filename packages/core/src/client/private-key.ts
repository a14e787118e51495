import { AuthError } from '../errors.ts'
import { derOf, kindOf } from './pem.ts'

// Without the DOM library the name is a value only.
type WebCryptoKey = InstanceType<typeof CryptoKey>

/**
 * A private key: PEM text of a PKCS#8 key (`BEGIN PRIVATE KEY`; RSA, P-256, P-384, P-521 or Ed25519), a JWK as a plain
 * object, or a `CryptoKey` with the `kid` the issuer knows it by.
 */
export type PrivateKey =
  | string
  | Readonly<Record<string, unknown>>
  | { readonly key: WebCryptoKey; readonly kid?: string }

/** What a key does not say itself. */
export interface PrivateKeyOptions {
  /** The id the issuer knows the key by; default: the JWK's, or none. */
  readonly kid?: string | undefined
  /** Of an RSA key, where it is not `RS256` and no JWK says so: `PS256`, `RS512` and their like. */
  readonly algorithm?: string | undefined
}

/** A key that oauth4webapi signs with. */
export interface SigningKey {
  readonly key: WebCryptoKey
  readonly kid?: string
}

/**
 * The key in whatever form it was given.
 *
 * @throws `CONFIG_INVALID`, with how to convert it where that is all it needs
 */
export async function signingKeyFrom(key: PrivateKey, options: PrivateKeyOptions = {}): Promise<SigningKey> {
  if (typeof key === 'string') return withKid(await fromPem(key, options.algorithm), options.kid)
  if ('key' in key && key.key instanceof CryptoKey) return withKid(key.key, options.kid ?? textIn(key, 'kid'))
  const jwk = key as Readonly<Record<string, unknown>>
  return withKid(await fromJwk(jwk, options.algorithm), options.kid ?? textIn(jwk, 'kid'))
}

const withKid = (key: WebCryptoKey, kid: string | undefined): SigningKey => ({ key, ...(kid !== undefined && { kid }) })

const textIn = (object: object, name: string): string | undefined => {
  const value = (object as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' ? value : undefined
}

async function fromJwk(jwk: Readonly<Record<string, unknown>>, algorithm?: string): Promise<WebCryptoKey> {
  try {
    const { key_ops: _, use: __, ...bare } = jwk
    const parameters = importParameters(String(jwk['kty']), String(jwk['crv']), textIn(jwk, 'alg') ?? algorithm)
    return await crypto.subtle.importKey('jwk', bare, parameters, false, ['sign'])
  } catch {
    throw unusable('The private key of the client is no usable JWK: give kty, alg and the private members.')
  }
}

async function fromPem(pem: string, algorithm?: string): Promise<WebCryptoKey> {
  const der = derOf(pem)
  const { kty, crv } = kindOf(der)
  try {
    return await crypto.subtle.importKey('pkcs8', der, importParameters(kty, crv, algorithm), false, ['sign'])
  } catch {
    throw unusable('The private key of the client cannot be read: its PEM text is damaged.')
  }
}

const unusable = (message: string): AuthError => new AuthError('CONFIG_INVALID', message)

const hashes: Readonly<Record<string, string>> = { '256': 'SHA-256', '384': 'SHA-384', '512': 'SHA-512' }

interface ImportParameters {
  readonly name: string
  readonly namedCurve?: string
  readonly hash?: string
}

function importParameters(kty: string, crv: string, algorithm = 'RS256'): ImportParameters {
  if (kty === 'EC') return { name: 'ECDSA', namedCurve: crv }
  if (kty === 'OKP') return { name: 'Ed25519' }
  const hash = hashes[algorithm.slice(2)] ?? 'SHA-256'
  return { name: algorithm.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash }
}
