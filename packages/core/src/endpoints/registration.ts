import { AuthError } from '../errors.ts'
import { isAllowedUrl } from '../issuer/issuer-fetch.ts'
import { textOf } from '../issuer/json.ts'
import { redacting } from '../token/redacting.ts'

/** What a client is to be. Name, grants and scope are always sent: what is left out, each issuer decides otherwise. */
export interface RegistrationRequest {
  /** What people see; INDIGO IAM wants 4 to 256 characters. */
  readonly clientName: string
  readonly grantTypes: readonly string[]
  /** Space separated; with `offline_access` where a refresh token is wanted. */
  readonly scope: string
  /** For the code grant; with http to loopback or a scheme of its own the client is registered as `native`. */
  readonly redirectUris?: readonly string[] | undefined
  /** Default `client_secret_basic`; `none` for a public client. */
  readonly tokenEndpointAuthMethod?: string | undefined
  /** More members, under the names of RFC 7591; one of the above replaces one of the same name. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** Where an issuer did otherwise than it was asked. Lists and scopes are compared as sets. */
export interface RegistrationDifference {
  /** Under the name of RFC 7591. */
  readonly name: string
  readonly asked: string
  readonly given: string
}

/** A client as its issuer knows it (RFC 7591 section 3.2.1). Redacted wherever it is printed. */
export interface Registration {
  readonly clientId: string
  readonly clientSecret?: string
  /** Epoch milliseconds; absent: never. */
  readonly secretExpiresAt?: number
  /** Where the registration is read, changed and deleted (RFC 7592); absent: nowhere. */
  readonly registrationUri?: string
  /** What proves the right to. */
  readonly registrationToken?: string
  /** What the issuer did otherwise than it was asked. */
  readonly differences: readonly RegistrationDifference[]
  /** All else, under the names of RFC 7591. */
  readonly metadata: Readonly<Record<string, unknown>>
}

type Members = Readonly<Record<string, unknown>>

/** http to loopback, or a scheme of its own: OpenID Connect Registration section 2 lets no other kind of client have them. */
const isNative = (uri: string): boolean =>
  /^https?:/i.test(uri) ? /^http:/i.test(uri) && isAllowedUrl(uri, 'loopback') : true

/** A request in the words of RFC 7591 section 2. */
export function wireOf(request: RegistrationRequest): Members {
  const { redirectUris = [], grantTypes } = request
  return {
    ...request.metadata,
    client_name: request.clientName,
    grant_types: grantTypes,
    response_types: grantTypes.includes('authorization_code') ? ['code'] : [],
    scope: request.scope,
    token_endpoint_auth_method: request.tokenEndpointAuthMethod ?? 'client_secret_basic',
    ...(redirectUris.length > 0 && { redirect_uris: redirectUris }),
    ...(redirectUris.some(isNative) && { application_type: 'native' }),
  }
}

const texts = (value: unknown): string =>
  (Array.isArray(value) ? value.map(String) : String(value).split(' ')).toSorted().join(' ')

/** What an issuer leaves out of its answer says nothing. */
function differences(asked: Members, given: Members): readonly RegistrationDifference[] {
  return ['client_name', 'grant_types', 'scope', 'redirect_uris', 'token_endpoint_auth_method']
    .filter(
      (name) => asked[name] !== undefined && given[name] !== undefined && texts(asked[name]) !== texts(given[name]),
    )
    .map((name) => ({ name, asked: shown(asked[name]), given: shown(given[name]) }))
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(' ') : String(value))

/**
 * An issuer's answer as a registration. INDIGO IAM leaves out `client_secret_expires_at`, which means never, and repeats
 * the registration token in no later answer: what was known of it stays.
 *
 * @throws `RESPONSE_INVALID` for an answer without a client id, or with another than was known
 */
export function registrationOf(
  issuer: string,
  answer: Members | undefined,
  { asked = {}, known }: { readonly asked?: Members | undefined; readonly known?: Registration | undefined },
): Registration {
  const clientId = textOf(answer, 'client_id')
  if (answer === undefined || clientId === undefined || clientId !== (known?.clientId ?? clientId)) {
    const text = `What ${issuer} answers is no registration of this client: it has no client id, or another one.`
    throw new AuthError('RESPONSE_INVALID', text)
  }
  const {
    client_id: _,
    client_secret: __,
    client_secret_expires_at: expires,
    registration_client_uri: ___,
    registration_access_token: ____,
    ...metadata
  } = answer
  const kept = {
    clientSecret: textOf(answer, 'client_secret') ?? known?.clientSecret,
    // RFC 7591 section 3.2.1: 0 is never.
    secretExpiresAt: typeof expires === 'number' && expires > 0 ? expires * 1000 : undefined,
    registrationUri: textOf(answer, 'registration_client_uri') ?? known?.registrationUri,
    registrationToken: textOf(answer, 'registration_access_token') ?? known?.registrationToken,
  }
  const there = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
  return redacted({ clientId, ...there, differences: differences(asked, answer), metadata: Object.freeze(metadata) })
}

const redacted = redacting('clientSecret', 'registrationToken')
