import { AuthError } from '../errors.ts'
import type { Token } from '../token/token.ts'

// Without the DOM library the name is a value only.
type WebCryptoKey = InstanceType<typeof CryptoKey>

/** The algorithms of proofs: what WebCrypto signs everywhere, and issuers take. */
export type DpopAlgorithm = 'ES256' | 'EdDSA'

/** A key that tokens are bound to (RFC 9449). An interface, so that a keychain or an HSM can sign too. */
export interface DpopKey {
  readonly algorithm: DpopAlgorithm
  /** Goes into every proof. */
  readonly publicJwk: Readonly<Record<string, string>>
  /** The signature of JWS (RFC 7518 section 3.4, RFC 8037 section 3.1): r and s, or Ed25519's 64 bytes. */
  sign(data: Uint8Array): Promise<Uint8Array>
}

/** A token that is worth nothing without its key (RFC 9449 section 5). */
export interface DpopToken extends Token {
  readonly key: DpopKey
}

/** How a key is made. */
export interface DpopKeyOptions {
  /** Default `ES256`, which every issuer with DPoP takes. */
  readonly algorithm?: DpopAlgorithm | undefined
}

interface Kind {
  readonly make: { name: string; namedCurve?: string }
  readonly sign: { name: string; hash?: string }
  readonly members: readonly string[]
}

const kinds: Readonly<Record<DpopAlgorithm, Kind>> = {
  ES256: {
    make: { name: 'ECDSA', namedCurve: 'P-256' },
    sign: { name: 'ECDSA', hash: 'SHA-256' },
    members: ['kty', 'crv', 'x', 'y'],
  },
  EdDSA: { make: { name: 'Ed25519' }, sign: { name: 'Ed25519' }, members: ['kty', 'crv', 'x'] },
}

interface Pair {
  readonly publicKey: WebCryptoKey
  readonly privateKey: WebCryptoKey
}

const generate = (algorithm: DpopAlgorithm, extractable: boolean): Promise<Pair> =>
  crypto.subtle.generateKey(kinds[algorithm].make as never, extractable, [
    'sign',
    'verify',
  ]) as Promise<unknown> as Promise<Pair>

const pick = (jwk: object, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(jwk).filter(([name, value]) => names.includes(name) && typeof value === 'string'))

async function signed(algorithm: DpopAlgorithm, key: WebCryptoKey, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(kinds[algorithm].sign, key, data))
}

/** A new key whose private half never leaves the platform: for a store that keeps objects, as `memoryStore` does. */
export async function dpopKey({ algorithm = 'ES256' }: DpopKeyOptions = {}): Promise<DpopKey> {
  const { publicKey, privateKey } = await generate(algorithm, false)
  const publicJwk = Object.freeze(pick(await crypto.subtle.exportKey('jwk', publicKey), kinds[algorithm].members))
  return Object.freeze({ algorithm, publicJwk, sign: (data: Uint8Array) => signed(algorithm, privateKey, data) })
}

/** A new key as a private JWK: for a store that keeps bytes. */
export async function dpopJwk({ algorithm = 'ES256' }: DpopKeyOptions = {}): Promise<Readonly<Record<string, string>>> {
  const { privateKey } = await generate(algorithm, true)
  return pick(await crypto.subtle.exportKey('jwk', privateKey), [...kinds[algorithm].members, 'd'])
}

/**
 * The key that a private JWK holds. It is read at its first signature; its private half shows in no `inspect`.
 *
 * @throws `CONFIG_INVALID` for anything but a private P-256 or Ed25519 key
 */
export function dpopKeyFrom(jwk: Readonly<Record<string, unknown>>): DpopKey {
  const algorithm = jwk['crv'] === 'P-256' ? 'ES256' : jwk['crv'] === 'Ed25519' ? 'EdDSA' : undefined
  if (algorithm === undefined || typeof jwk['d'] !== 'string') {
    throw new AuthError('CONFIG_INVALID', 'A DPoP key is a private JWK on P-256 or Ed25519; this is none.')
  }
  let read: Promise<WebCryptoKey> | undefined
  const { make, members } = kinds[algorithm]
  const key = (): Promise<WebCryptoKey> => {
    read ??= crypto.subtle.importKey('jwk', pick(jwk, [...members, 'd']), make, false, ['sign'])
    return read
  }
  return Object.freeze({
    algorithm,
    publicJwk: Object.freeze(pick(jwk, members)),
    sign: async (data: Uint8Array) => signed(algorithm, await key(), data),
  })
}
