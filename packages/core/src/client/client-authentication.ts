import type { AuthorizationServer } from 'oauth4webapi'
import { AuthError } from '../errors.ts'
import { libraryClient } from '../issuer/library-client.ts'
import { oauth } from '../issuer/oauth.ts'
import type { IssuerMetadata } from './discovery.ts'
import { type PrivateKey, type PrivateKeyOptions, type SigningKey, signingKeyFrom } from './private-key.ts'

/** A request to an issuer's endpoint, to which a client adds who it is. */
export interface ClientAuthenticationRequest {
  readonly metadata: IssuerMetadata
  readonly clientId: string
  /** The form about to be sent. */
  readonly body: URLSearchParams
  readonly headers: Headers
  /** Epoch milliseconds by the issuer's clock, as far as it is known: for what is signed with a time. */
  readonly now: number
}

/**
 * How a client proves who it is (RFC 6749 section 2.3): puts its proof into the body or the headers. What it throws
 * is what the caller of the grant gets.
 */
export type ClientAuthentication = (request: ClientAuthenticationRequest) => void | Promise<void>

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A public client: its id and nothing else (`none`). */
export function publicClient(): ClientAuthentication {
  return ({ body, clientId }) => body.set('client_id', clientId)
}

/**
 * HTTP Basic (RFC 6749 section 2.3.1), encoded as `URLSearchParams` does: right for servers that decode, and for
 * INDIGO IAM, which compares undecoded and would refuse `%2D` for `-`.
 */
export function clientSecretBasic(clientSecret: string): ClientAuthentication {
  return ({ headers, clientId }) => {
    headers.set('authorization', `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`)
  }
}

const formEncoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2)

/** The secret in the form (RFC 6749 section 2.3.1): what the openEO Python client sends. */
export function clientSecretPost(clientSecret: string): ClientAuthentication {
  return ({ body, clientId }) => {
    body.set('client_id', clientId)
    body.set('client_secret', clientSecret)
  }
}

/** A JWT signed with the client's secret, HS256 (`client_secret_jwt`, OpenID Connect Core section 9). */
export function clientSecretJwt(clientSecret: string): ClientAuthentication {
  return async (request) => {
    const { ClientSecretJwt } = await oauth()
    const { metadata, body, headers } = request
    await ClientSecretJwt(clientSecret)(metadata as AuthorizationServer, await libraryClient(request), body, headers)
  }
}

// A key that proves the client also signs its requests where an issuer wants that (RFC 9101).
const keys = new WeakMap<ClientAuthentication, () => Promise<SigningKey>>()

/** The key that a way to authenticate signs with, where it has one. */
export function signingKeyOf(authenticate: ClientAuthentication): Promise<SigningKey> | undefined {
  return keys.get(authenticate)?.()
}

/**
 * A JWT signed with the client's private key (`private_key_jwt`, RFC 7523 section 2.2).
 *
 * Throws `CONFIG_INVALID` at first use when the key cannot be read or cannot sign.
 */
export function privateKeyJwt(key: PrivateKey, options: PrivateKeyOptions = {}): ClientAuthentication {
  let read: Promise<SigningKey> | undefined
  const signing = (): Promise<SigningKey> => {
    read ??= signingKeyFrom(key, options)
    return read
  }
  const authenticate: ClientAuthentication = async (request) => {
    const made = await signing()
    const { PrivateKeyJwt } = await oauth()
    const { metadata, body, headers } = request
    try {
      await PrivateKeyJwt(made)(metadata as AuthorizationServer, await libraryClient(request), body, headers)
    } catch {
      throw new AuthError(
        'CONFIG_INVALID',
        'The private key of the client cannot sign: give a private key for signing.',
      )
    }
  }
  keys.set(authenticate, signing)
  return authenticate
}

/** What a workload gets its assertion for. */
export interface AssertionRequest {
  readonly issuer: string
  readonly tokenEndpoint?: string | undefined
  readonly clientId: string
}

/**
 * An assertion that something else made for us, asked for anew each time: federated workload identity (RFC 7521
 * section 4.2).
 *
 * Throws what the callback throws, `CONFIG_INVALID` when it gives no text.
 */
export function clientAssertion(
  assertion: (request: AssertionRequest) => string | Promise<string>,
): ClientAuthentication {
  return async ({ metadata, clientId, body }) => {
    const made: unknown = await assertion({ issuer: metadata.issuer, tokenEndpoint: metadata.token_endpoint, clientId })
    if (typeof made !== 'string' || made === '') {
      throw new AuthError(
        'CONFIG_INVALID',
        `There is no client assertion for ${metadata.issuer}: what makes it gave none.`,
      )
    }
    body.set('client_id', clientId)
    body.set('client_assertion_type', assertionType)
    body.set('client_assertion', made)
  }
}

const certified = new WeakSet<ClientAuthentication>()

/** Whether a client proves itself by the certificate of its connection. */
export function provesByCertificate(authenticate: ClientAuthentication): boolean {
  return certified.has(authenticate)
}

/**
 * The certificate of the connection (`tls_client_auth`, `self_signed_tls_client_auth`; RFC 8705 section 2): the form names
 * the client, and the client's `fetch` brings the certificate, as undici's with an `Agent` of `connect: { cert, key }`
 * does. Goes to the issuer's `mtls_endpoint_aliases` where it lists some.
 */
export function tlsClientAuth(): ClientAuthentication {
  const authenticate = publicClient()
  certified.add(authenticate)
  return authenticate
}

/** The method for a plain secret: Basic unless the issuer lists only the form (RFC 8414 section 2: Basic is the default). */
export function clientSecret(secret: string): ClientAuthentication {
  const basic = clientSecretBasic(secret)
  const post = clientSecretPost(secret)
  return (request) => {
    const listed = request.metadata['token_endpoint_auth_methods_supported']
    const onlyPost =
      Array.isArray(listed) && !listed.includes('client_secret_basic') && listed.includes('client_secret_post')
    return onlyPost ? post(request) : basic(request)
  }
}
