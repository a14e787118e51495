import { type ScriptedIssuer, type ScriptedOptions, scriptedIssuer } from '@latchkey/testkit'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** A scripted issuer with a key of its own. */
export interface SigningIssuer extends ScriptedIssuer {
  /** An ID token for the client `c`, with other claims or another header where the test wants it so. */
  idToken(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>
  /** The same, signed by somebody else. */
  forged(): Promise<string>
  /** The next answer of the token endpoint. */
  grants(body: object, headers?: Readonly<Record<string, string>>): void
}

const keys = await generateKeyPair('ES256')
const others = await generateKeyPair('ES256')
const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }

/** @param now epoch milliseconds by the issuer's clock; default the machine's */
export async function signingIssuer(options: ScriptedOptions = {}, now = Date.now()): Promise<SigningIssuer> {
  const server = await scriptedIssuer(
    [{ request: 'GET /jwks', times: Number.POSITIVE_INFINITY, reply: { body: { keys: [jwk] } } }],
    options,
  )
  const signed = (key: typeof keys.privateKey, claims: object = {}, header: object = {}): Promise<string> => {
    const seconds = Math.floor(now / 1000)
    const usual = { iss: server.issuer, aud: 'c', sub: 'marie', iat: seconds, exp: seconds + 300 }
    const all = { ...usual, ...claims }
    return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(key)
  }
  return Object.assign(Object.create(server) as ScriptedIssuer, {
    idToken: (claims?: object, header?: object) => signed(keys.privateKey, claims, header),
    forged: () => signed(others.privateKey),
    grants: (body: object, headers: Readonly<Record<string, string>> = {}) => {
      const whole = { access_token: 'AT', token_type: 'Bearer', ...body }
      server.add({ request: 'POST /token', reply: { headers, body: whole } })
    },
  })
}
