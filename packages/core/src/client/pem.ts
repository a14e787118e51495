import { AuthError } from '../errors.ts'

const toConvert = 'convert it with: openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW'

// RFC 7468 section 10 is what WebCrypto reads; the others are told apart so that the error can say what to do.
const others: Readonly<Record<string, string>> = {
  'RSA PRIVATE KEY': `is in the PKCS#1 form: ${toConvert}`,
  'EC PRIVATE KEY': `is in the SEC1 form: ${toConvert}`,
  'ENCRYPTED PRIVATE KEY': 'is encrypted: decrypt it with: openssl pkcs8 -in KEY -out NEW',
  'OPENSSH PRIVATE KEY': 'is in the form of OpenSSH: convert it with: ssh-keygen -p -m PKCS8 -f COPY_OF_KEY',
  'PUBLIC KEY': 'is the public half: give the private one',
  CERTIFICATE: 'is a certificate: give the private key that belongs to it',
}

const blocks = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*(?:-(?!----)[^-]*)*)-----END \1-----/g

/**
 * The bytes of the PKCS#8 key in a PEM text (RFC 7468 section 10); other blocks in it are passed over.
 *
 * @throws `CONFIG_INVALID` when there is none, with how to convert what there is
 */
export function derOf(pem: string): Uint8Array<ArrayBuffer> {
  const found = [...pem.matchAll(blocks)].map(([, label = '', body = '']) => ({ label, body }))
  const key = found.find(({ label }) => label === 'PRIVATE KEY')
  if (key === undefined)
    throw unfit(found.map(({ label, body }) => what(label, body)).find((text) => text !== undefined))
  try {
    return Uint8Array.from(atob(key.body.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0))
  } catch {
    throw unfit('is damaged: its PEM text is no base64')
  }
}

function what(label: string, body: string): string | undefined {
  const encrypted = body.includes('ENCRYPTED') ? others['ENCRYPTED PRIVATE KEY'] : undefined
  return encrypted ?? (Object.hasOwn(others, label) ? others[label] : undefined)
}

function unfit(why = 'is no PEM text with a PRIVATE KEY in it: give the text, not the name of its file'): AuthError {
  return new AuthError('CONFIG_INVALID', `The private key of the client ${why}.`)
}

/** What kind of key it is, in the words of a JWK. */
export interface KeyKind {
  readonly kty: string
  readonly crv: string
}

// The algorithm identifiers that follow the version of a PKCS#8 key (RFC 5208 section 5), as DER in hexadecimal:
// RFC 8017 appendix C, RFC 5480 section 2.1.1, RFC 8410 section 3.
const kinds: Readonly<Record<string, KeyKind>> = {
  '06092a864886f70d010101': { kty: 'RSA', crv: '' },
  '06072a8648ce3d020106082a8648ce3d030107': { kty: 'EC', crv: 'P-256' },
  '06072a8648ce3d020106052b81040022': { kty: 'EC', crv: 'P-384' },
  '06072a8648ce3d020106052b81040023': { kty: 'EC', crv: 'P-521' },
  '06032b6570': { kty: 'OKP', crv: 'Ed25519' },
}

/**
 * The kind of a PKCS#8 key.
 *
 * @throws `CONFIG_INVALID` for a kind that signs no assertion here
 */
export function kindOf(der: Uint8Array): KeyKind {
  const head = Array.from(der.subarray(0, 48), (byte) => byte.toString(16).padStart(2, '0')).join('')
  // SEQUENCE, version 0 or 1, SEQUENCE, identifier.
  const identifier = /^30(?:8[1-4](?:..){1,4}?|..)02010[01]30..(.*)$/.exec(head)?.[1] ?? ''
  const known = Object.keys(kinds).find((start) => identifier.startsWith(start))
  const kind = known === undefined ? undefined : kinds[known]
  if (kind !== undefined) return kind
  throw unfit('is of a kind that cannot be used: give an RSA, P-256, P-384, P-521 or Ed25519 key')
}
